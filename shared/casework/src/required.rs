//! Refuses a request that lacks a field which the contract marks as REQUIRED.

use callout_contract::POOL;
use callout_kit::{Error, Text, Violations};
use prost::{Message, Name};
use prost_reflect::{
    DynamicMessage, ExtensionDescriptor, FieldDescriptor, MessageDescriptor, ReflectMessage as _, Value,
};

/// `google.api.FieldBehavior.REQUIRED`.
const REQUIRED: i32 = 2;

/// Checks all fields at once, nested messages included, by what the proto says of them.
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
    message_fields(&message, &behavior, "", &mut violations);
    violations.finish()
}

/// Whether the contract marks a field as REQUIRED.
#[must_use]
pub fn is_required(field: &FieldDescriptor, behavior: &ExtensionDescriptor) -> bool {
    let options = field.options();
    let stated = options.get_extension(behavior);
    stated.as_list().is_some_and(|list| list.iter().any(|value| value.as_enum_number() == Some(REQUIRED)))
}

fn message_fields(message: &DynamicMessage, behavior: &ExtensionDescriptor, path: &str, violations: &mut Violations) {
    let descriptor: MessageDescriptor = message.descriptor();
    for field in descriptor.fields() {
        let here = if path.is_empty() { field.name().to_owned() } else { format!("{path}.{}", field.name()) };
        if !message.has_field(&field) {
            if is_required(&field, behavior) {
                violations.add(here, Text::new("is required", "必填"));
            }
            continue;
        }
        match message.get_field(&field).as_ref() {
            Value::Message(inner) => message_fields(inner, behavior, &here, violations),
            Value::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    if let Value::Message(inner) = element {
                        message_fields(inner, behavior, &format!("{here}[{index}]"), violations);
                    }
                }
            }
            Value::String(text) if text.trim().is_empty() && is_required(&field, behavior) => {
                violations.add(here, Text::new("is required", "必填"));
            }
            _ => {}
        }
    }
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
}
