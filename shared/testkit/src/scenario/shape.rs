//! What a value may be by the descriptor set: the type of a field, of an answer, of something saved.

use jiff::tz::TimeZone;
use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::Value;

use super::{path::Segment, problem::suggestion, time};

/// The type of a value.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    One(Kind),
    Many(Kind),
    /// A map; the kind is that of its values.
    Keyed(Kind),
    /// Known at run time only, such as what is inside of an `Any`.
    Unknown,
}

impl Shape {
    pub(super) fn of_field(field: &FieldDescriptor) -> Self {
        match field.kind() {
            Kind::Message(entry) if field.is_map() => Self::Keyed(entry.map_entry_value_field().kind()),
            kind if field.is_list() => Self::Many(kind),
            kind => Self::One(kind),
        }
    }

    pub(super) fn message(message: MessageDescriptor) -> Self {
        Self::One(Kind::Message(message))
    }

    /// The fields, when it is a message that is written as an object.
    pub(super) fn as_object(&self) -> Option<&MessageDescriptor> {
        match self {
            Self::One(Kind::Message(message)) if !is_single_value(message) => Some(message),
            Self::One(_) | Self::Many(_) | Self::Keyed(_) | Self::Unknown => None,
        }
    }

    /// One step into it: the segment by its name in JSON, and what it leads to.
    pub(super) fn descend(&self, segment: &Segment) -> Result<(Segment, Self), String> {
        match (self, segment) {
            (Self::Unknown, segment) => Ok((segment.clone(), Self::Unknown)),
            (Self::Many(kind), Segment::Index(_)) | (Self::Keyed(kind), Segment::Field(_)) => {
                Ok((segment.clone(), Self::One(kind.clone())))
            }
            (Self::One(Kind::Message(message)), Segment::Field(_)) if message.full_name() == ANY => {
                Ok((segment.clone(), Self::Unknown))
            }
            (Self::One(_), Segment::Field(name)) => match self.as_object() {
                Some(message) => {
                    let field = field(message, name)?;
                    Ok((Segment::Field(field.json_name().to_owned()), Self::of_field(&field)))
                }
                None => Err(format!("{} has no field `{name}`", self.noun())),
            },
            (Self::Many(_), Segment::Field(name)) => {
                Err(format!("a list has no field `{name}`; say which: `[0].{name}`"))
            }
            (Self::One(_) | Self::Keyed(_), Segment::Index(index)) => {
                Err(format!("{} has no element [{index}]", self.noun()))
            }
        }
    }

    /// What has to be written for it.
    pub(super) fn noun(&self) -> String {
        match self {
            Self::Many(_) => "a list".to_owned(),
            Self::Keyed(_) => "an object of names and values".to_owned(),
            Self::Unknown => "a value".to_owned(),
            Self::One(kind) => match kind {
                Kind::Message(message) => match message.full_name() {
                    TIMESTAMP => "a time".to_owned(),
                    DURATION => "a span of time".to_owned(),
                    FIELD_MASK => "field names with commas between them".to_owned(),
                    _ => format!("an object ({})", message.name()),
                },
                Kind::Enum(choices) => format!("a value of {}", choices.name()),
                Kind::String | Kind::Bytes => "a text".to_owned(),
                Kind::Bool => "true or false".to_owned(),
                Kind::Double | Kind::Float => "a number".to_owned(),
                Kind::Int32
                | Kind::Int64
                | Kind::Uint32
                | Kind::Uint64
                | Kind::Sint32
                | Kind::Sint64
                | Kind::Fixed32
                | Kind::Fixed64
                | Kind::Sfixed32
                | Kind::Sfixed64 => "a whole number".to_owned(),
            },
        }
    }
}

pub(super) const ANY: &str = "google.protobuf.Any";
const TIMESTAMP: &str = "google.protobuf.Timestamp";
const DURATION: &str = "google.protobuf.Duration";
const FIELD_MASK: &str = "google.protobuf.FieldMask";

/// Messages that JSON writes as a text.
fn is_single_value(message: &MessageDescriptor) -> bool {
    matches!(message.full_name(), TIMESTAMP | DURATION | FIELD_MASK)
}

/// The field by either of its names.
pub(super) fn field(message: &MessageDescriptor, name: &str) -> Result<FieldDescriptor, String> {
    message.get_field_by_name(name).or_else(|| message.get_field_by_json_name(name)).ok_or_else(|| {
        let known: Vec<String> = message.fields().map(|field| field.json_name().to_owned()).collect();
        format!("{} has no field `{name}`{}", message.full_name(), suggestion(name, known))
    })
}

/// A scalar as the JSON of an answer has it.
pub(super) fn scalar(text: &str, plain: bool, kind: &Kind, zone: &TimeZone) -> Result<Value, String> {
    let wanted = || format!("{} is wanted here, not `{text}`", Shape::One(kind.clone()).noun());
    match kind {
        Kind::String | Kind::Bytes => Ok(Value::from(text)),
        Kind::Bool => match text {
            "true" => Ok(Value::from(true)),
            "false" => Ok(Value::from(false)),
            _ => Err(wanted()),
        },
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => text.parse::<i32>().map(Value::from).map_err(|_| wanted()),
        Kind::Uint32 | Kind::Fixed32 => text.parse::<u32>().map(Value::from).map_err(|_| wanted()),
        // JSON numbers do not hold 64 bits everywhere: proto JSON writes them as texts.
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
            text.parse::<i64>().map(|number| Value::from(number.to_string())).map_err(|_| wanted())
        }
        Kind::Uint64 | Kind::Fixed64 => {
            text.parse::<u64>().map(|number| Value::from(number.to_string())).map_err(|_| wanted())
        }
        Kind::Double | Kind::Float => text.parse::<serde_json::Number>().map(Value::from).map_err(|_| wanted()),
        Kind::Enum(choices) => choice(text, plain, choices),
        Kind::Message(message) => match message.full_name() {
            TIMESTAMP => time::instant(text, zone).map(|instant| Value::from(time::timestamp_json(instant))),
            DURATION => time::duration_json(text).map(Value::from),
            FIELD_MASK => Ok(Value::from(text)),
            _ => Err(wanted()),
        },
    }
}

fn choice(text: &str, plain: bool, choices: &EnumDescriptor) -> Result<Value, String> {
    let by_number = || text.parse().ok().filter(|_| plain).and_then(|number| choices.get_value(number));
    let value = choices.get_value_by_name(text).or_else(by_number).ok_or_else(|| {
        let known: Vec<String> = choices.values().map(|value| value.name().to_owned()).collect();
        format!("{} has no value `{text}`{}", choices.full_name(), suggestion(text, known))
    })?;
    Ok(Value::from(value.name()))
}
