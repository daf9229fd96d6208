//! Refuses a request that lacks a field which the contract marks as REQUIRED.

use callout_contract::POOL;
use callout_kit::{Error, Text, Violations};
use prost::{Message, Name};
use prost_reflect::{
    DynamicMessage, ExtensionDescriptor, FieldDescriptor, MessageDescriptor, ReflectMessage as _, Value,
};

/// `google.api.FieldBehavior.REQUIRED`.
const REQUIRED: i32 = 2;

/// Checks all fields at once, nested messages included, by what the proto says of them. Of a resource that is sent with an
/// `update_mask`, only the fields that the mask names are asked for: the others stay as they are.
///
/// # Errors
/// [`Error::Invalid`] with a violation for each REQUIRED field that is absent or empty.
pub fn check<M: Message + Name>(request: &M) -> Result<(), Error> {
    let unknown = || Error::Internal(anyhow::anyhow!("{} is not in the contract", M::full_name()));
    let descriptor = POOL.get_message_by_name(&M::full_name()).ok_or_else(unknown)?;
    let message = DynamicMessage::decode(descriptor, request.encode_to_vec().as_slice())
        .map_err(|fault| Error::Internal(anyhow::Error::new(fault)))?;
    let behavior = POOL.get_extension_by_name("google.api.field_behavior").ok_or_else(unknown)?;
    let mut violations = Violations::default();
    message_fields(&message, &behavior, "", None, &mut violations);
    violations.finish()
}

/// Whether the contract marks a field as REQUIRED.
#[must_use]
pub fn is_required(field: &FieldDescriptor, behavior: &ExtensionDescriptor) -> bool {
    let options = field.options();
    let stated = options.get_extension(behavior);
    stated.as_list().is_some_and(|list| list.iter().any(|value| value.as_enum_number() == Some(REQUIRED)))
}

fn message_fields(
    message: &DynamicMessage,
    behavior: &ExtensionDescriptor,
    path: &str,
    mask: Option<&[String]>,
    violations: &mut Violations,
) {
    let descriptor: MessageDescriptor = message.descriptor();
    let mask_of_resource = update_mask(message);
    let is_asked_for = |field: &FieldDescriptor| {
        is_required(field, behavior)
            && mask.is_none_or(|mask| mask.iter().any(|masked| masked == "*" || masked == field.name()))
    };
    for field in descriptor.fields() {
        let here = if path.is_empty() { field.name().to_owned() } else { format!("{path}.{}", field.name()) };
        if !message.has_field(&field) {
            if is_asked_for(&field) {
                violations.add(here, Text::new("is required", "必填"));
            }
            continue;
        }
        match message.get_field(&field).as_ref() {
            Value::Message(inner) => message_fields(inner, behavior, &here, mask_of_resource.as_deref(), violations),
            Value::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    if let Value::Message(inner) = element {
                        message_fields(inner, behavior, &format!("{here}[{index}]"), None, violations);
                    }
                }
            }
            Value::String(text) if text.trim().is_empty() && is_asked_for(&field) => {
                violations.add(here, Text::new("is required", "必填"));
            }
            _ => {}
        }
    }
}

/// The paths of a request's `update_mask`; none when it has none.
fn update_mask(request: &DynamicMessage) -> Option<Vec<String>> {
    let mask = request.get_field_by_name("update_mask")?;
    let paths = mask.as_message()?.get_field_by_name("paths")?;
    Some(paths.as_list()?.iter().filter_map(|path| path.as_str().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests {
    use callout_contract::inventory::v1 as pb;

    use super::*;

    #[test]
    fn every_absent_field_is_named_also_inside_lists() {
        let request = pb::CreateLoanSlipRequest {
            parent: String::new(),
            loan_slip: Some(pb::LoanSlip {
                purpose: "carry".to_owned(),
                borrower: " ".to_owned(),
                lines: vec![pb::LoanLine { item: "x".to_owned(), ..Default::default() }],
                ..Default::default()
            }),
            ..Default::default()
        };
        let Err(Error::Invalid(violations)) = check(&request) else { panic!("it lacks fields") };
        let fields: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(
            fields,
            ["parent", "loan_slip.borrower", "loan_slip.place", "loan_slip.lines[0].quantity", "request_id"]
        );
    }
    #[test]
    fn of_a_resource_that_is_changed_only_what_the_mask_names_is_asked_for() {
        let request = |paths: &[&str]| pb::UpdateItemRequest {
            item: Some(pb::Item { name: "x".to_owned(), ..Default::default() }),
            update_mask: Some(prost_types::FieldMask { paths: paths.iter().map(|&path| path.to_owned()).collect() }),
            request_id: "x".to_owned(),
            ..Default::default()
        };
        assert!(check(&request(&["prices"])).is_ok());
        assert!(check(&request(&["code"])).is_err(), "a code is required, and it is being changed");
        assert!(check(&request(&["*"])).is_err());
    }
}
