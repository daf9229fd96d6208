//! The methods of the suite, as its descriptors have them: what holds for all of them is tested on all of them.

use callout_contract::{POOL, policy, types::v1::method_policy::Idempotency};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MethodDescriptor, ReflectMessage as _, Value};

/// Every method of the four packages, in the order of the protos.
pub fn methods() -> impl Iterator<Item = MethodDescriptor> {
    POOL.services()
        .filter(|service| service.full_name().starts_with("callout."))
        .flat_map(|service| service.methods().collect::<Vec<_>>())
}

/// The method that is called by `callout.intake.v1.Cases/CreateCase`.
pub fn method(name: &str) -> MethodDescriptor {
    methods().find(|method| name_of(method) == name).unwrap_or_else(|| panic!("the contract has no method {name}"))
}

/// `callout.intake.v1.Cases/CreateCase`
pub fn name_of(method: &MethodDescriptor) -> String {
    format!("{}/{}", method.parent_service().full_name(), method.name())
}

/// Whether it is carried out once under its request id.
pub fn is_write(method: &MethodDescriptor) -> bool {
    let policy = policy::of(&format!("/{}", name_of(method))).expect("every method of the suite has a policy");
    policy.idempotency() == Idempotency::RequestId
}

/// The field of a request that names the resource which it is about: `name`, `parent`, `organization` or the `name` of
/// the resource that it carries, as a path.
pub fn resource_field(request: &DynamicMessage) -> Vec<FieldDescriptor> {
    let fields: Vec<FieldDescriptor> = request.descriptor().fields().collect();
    let named =
        |name: &&str| fields.iter().find(|field| field.name() == *name && field.kind() == Kind::String).cloned();
    if let Some(field) = ["name", "parent", "organization"].iter().find_map(named) {
        return vec![field];
    }
    let inner = fields.into_iter().find_map(|field| match field.kind() {
        Kind::Message(message) => message.get_field_by_name("name").map(|name| vec![field.clone(), name]),
        _ => None,
    });
    inner.expect("a request says what it is about")
}

/// What a request is about.
pub fn resource(request: &DynamicMessage) -> String {
    let mut message = request.clone();
    let path = resource_field(request);
    for field in &path[..path.len() - 1] {
        let Value::Message(inner) = message.get_field(field).into_owned() else { panic!("{field:?} is no message") };
        message = inner;
    }
    message.get_field(&path[path.len() - 1]).as_str().unwrap_or_default().to_owned()
}

/// The same request about something else.
pub fn about(request: &DynamicMessage, resource: &str) -> DynamicMessage {
    let path = resource_field(request);
    let mut changed = request.clone();
    set(&mut changed, &path, Value::String(resource.to_owned()));
    changed
}

fn set(message: &mut DynamicMessage, path: &[FieldDescriptor], value: Value) {
    match path {
        [field] => message.set_field(field, value),
        [field, rest @ ..] => {
            let Value::Message(inner) = message.get_field_mut(field) else { panic!("{field:?} is no message") };
            set(inner, rest, value);
        }
        [] => {}
    }
}

/// Calls `visit` with every text of a message, those of nested messages, lists and maps included.
pub fn each_text(message: &mut DynamicMessage, visit: &mut impl FnMut(&FieldDescriptor, &mut String)) {
    let fields: Vec<FieldDescriptor> = message.descriptor().fields().filter(|field| message.has_field(field)).collect();
    for field in fields {
        text_of_value(&field, message.get_field_mut(&field), visit);
    }
}

fn text_of_value(field: &FieldDescriptor, value: &mut Value, visit: &mut impl FnMut(&FieldDescriptor, &mut String)) {
    match value {
        Value::String(text) => visit(field, text),
        Value::Message(inner) => each_text(inner, visit),
        Value::List(elements) => elements.iter_mut().for_each(|element| text_of_value(field, element, visit)),
        Value::Map(entries) => entries.values_mut().for_each(|entry| text_of_value(field, entry, visit)),
        Value::Bool(_)
        | Value::I32(_)
        | Value::I64(_)
        | Value::U32(_)
        | Value::U64(_)
        | Value::F32(_)
        | Value::F64(_)
        | Value::Bytes(_)
        | Value::EnumNumber(_) => {}
    }
}
