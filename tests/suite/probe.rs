//! Calls that must be refused, or answered as before, whatever the method: made around a call that is accepted, so that
//! nothing but what is probed can be the reason of a refusal.

use callout_fleet::founding::request_id;
use callout_kit::Caller;
use callout_testkit::scenario::Refusal;
use prost_reflect::{DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind, ReflectMessage as _, Value};
use tonic::Status;
use uuid::Uuid;

use crate::{
    contract::{self, each_text, is_write, name_of, resource},
    world::{Exchange, World},
};

/// `google.api.FieldBehavior.REQUIRED`.
const REQUIRED: i32 = 2;

/// An etag that no resource of a test gets to.
const STALE: &str = "\"999999\"";

type Answer = Result<Vec<Vec<u8>>, Status>;

/// What a probe expects of a refusal.
struct Wanted<'a> {
    code: &'a str,
    reason: &'a str,
    /// The one field that is wrong; none when a refusal is not about a field.
    field: Option<&'a str>,
}

/// Probes a call that is about to be accepted; returns what is not as it should be.
pub async fn before(world: &World<'_>, exchange: &Exchange) -> Vec<String> {
    let mut found = Findings { method: name_of(&exchange.method), found: Vec::new() };
    for (path, request) in without_required(&exchange.request) {
        let wanted = Wanted { code: "INVALID_ARGUMENT", reason: "FIELD_INVALID", field: Some(&path) };
        let request = if path == "request_id" { request } else { with_new_id(request) };
        found.refused(&format!("without {path}"), &world.send_as(&exchange.by, exchange, &request).await, &wanted);
    }
    let wanted = Wanted { code: "UNAUTHENTICATED", reason: "TOKEN_INVALID", field: None };
    found.refused("without a token", &world.client().call(&exchange.method, &exchange.request, None).await, &wanted);
    let wanted = Wanted { code: "PERMISSION_DENIED", reason: "PERMISSION_MISSING", field: None };
    let nobody = Caller { roles: vec!["visitor".to_owned()], service: None, ..exchange.by.clone() };
    found.refused("without a permission", &world.send_as(&nobody, exchange, &exchange.request).await, &wanted);
    if let Some(etag) = exchange.request.descriptor().get_field_by_name("etag") {
        let mut request = with_new_id(exchange.request.clone());
        request.set_field(&etag, Value::String(STALE.to_owned()));
        let wanted = Wanted { code: "ABORTED", reason: "ETAG_STALE", field: None };
        found.refused("with a stale etag", &world.send_as(&exchange.by, exchange, &request).await, &wanted);
    }
    found.found
}

/// Probes a call that was just accepted.
pub async fn after(world: &World<'_>, exchange: &Exchange) -> Vec<String> {
    let mut found = Findings { method: name_of(&exchange.method), found: Vec::new() };
    if is_write(&exchange.method) {
        let again = world.send(exchange).await;
        if again.as_ref().ok() != Some(&exchange.answers) {
            found.add("the same call, made again, was answered otherwise", &again);
        }
        let wanted = Wanted { code: "INVALID_ARGUMENT", reason: "REQUEST_ID_REUSED", field: None };
        let other = with_other_content(&exchange.request);
        found.refused("with its id for other content", &world.send_as(&exchange.by, exchange, &other).await, &wanted);
    } else {
        reads(world, exchange, &mut found).await;
    }
    found.found
}

async fn reads(world: &World<'_>, exchange: &Exchange, found: &mut Findings) {
    let field = resource_path(&exchange.request);
    let unknown = contract::about(&exchange.request, &unknown(&resource(&exchange.request)));
    let wanted = Wanted { code: "NOT_FOUND", reason: "RESOURCE_NOT_FOUND", field: None };
    found.refused("of something unknown", &world.send_as(&exchange.by, exchange, &unknown).await, &wanted);
    for malformed in ["nonsense", "organizations", "organizations/a b/cases/1"] {
        let request = contract::about(&exchange.request, malformed);
        let wanted = Wanted { code: "INVALID_ARGUMENT", reason: "FIELD_INVALID", field: Some(&field) };
        found.refused(&format!("of `{malformed}`"), &world.send_as(&exchange.by, exchange, &request).await, &wanted);
    }
    let pages = [("page_size", Value::I32(-1)), ("page_token", Value::String(foreign_token(world, exchange).await))];
    for (name, value) in pages {
        let Some(field) = exchange.request.descriptor().get_field_by_name(name) else { continue };
        let mut request = exchange.request.clone();
        request.set_field(&field, value.clone());
        let wanted = Wanted { code: "INVALID_ARGUMENT", reason: "FIELD_INVALID", field: Some(name) };
        let answer = world.send_as(&exchange.by, exchange, &request).await;
        found.refused(&format!("with {name} {value:?}"), &answer, &wanted);
    }
}

/// A page token of another list.
async fn foreign_token(world: &World<'_>, exchange: &Exchange) -> String {
    let lists = ["callout.intake.v1.Customers/ListCustomers", "callout.inventory.v1.Places/ListPlaces"];
    let other = lists.into_iter().find(|list| *list != name_of(&exchange.method)).expect("two lists");
    let method = contract::method(other);
    let mut request = DynamicMessage::new(method.input());
    request.set_field_by_name("parent", Value::String(world.sandbox.clone()));
    request.set_field_by_name("page_size", Value::I32(1));
    let asked = Exchange { method, request, ..exchange.clone() };
    let administrator = Caller { roles: vec!["administrator".to_owned()], service: None, ..exchange.by.clone() };
    let Ok(answers) = world.send_as(&administrator, &asked, &asked.request).await else {
        return "of-another-list".to_owned();
    };
    let answer = DynamicMessage::decode(asked.method.output(), answers[0].as_slice()).expect("a page");
    let token = answer.get_field_by_name("next_page_token").and_then(|token| token.as_str().map(str::to_owned));
    token.filter(|token| !token.is_empty()).unwrap_or_else(|| "of-another-list".to_owned())
}

/// What is not as it should be, by method.
struct Findings {
    method: String,
    found: Vec<String>,
}

impl Findings {
    fn refused(&mut self, what: &str, answer: &Answer, wanted: &Wanted<'_>) {
        let fits = answer.as_ref().err().map(Refusal::from).is_some_and(|refusal| {
            let fields: Vec<&str> = refusal.fields.iter().map(String::as_str).collect();
            refusal.code == wanted.code
                && refusal.reason == wanted.reason
                && wanted.field.is_none_or(|field| fields == [field])
        });
        if !fits {
            let field = wanted.field.map(|field| format!(" {field}")).unwrap_or_default();
            self.add(&format!("{what} should be {} {}{field}, and was", wanted.code, wanted.reason), answer);
        }
    }

    fn add(&mut self, what: &str, answer: &Answer) {
        let came = match answer {
            Ok(_) => "answered".to_owned(),
            Err(status) => {
                let refusal = Refusal::from(status);
                format!("{} {} {:?}: {}", refusal.code, refusal.reason, refusal.fields, refusal.message)
            }
        };
        self.found.push(format!("{}: {what} {came}", self.method));
    }
}

/// The request once without each of its fields that the contract marks as REQUIRED, with the path of what is missing.
fn without_required(request: &DynamicMessage) -> Vec<(String, DynamicMessage)> {
    let behavior = callout_contract::POOL
        .get_extension_by_name("google.api.field_behavior")
        .expect("field_behavior.proto is in the set");
    let mut bare = Vec::new();
    // Of a resource that is updated, only the fields that the mask names are asked for.
    let updates = request.descriptor().get_field_by_name("update_mask").is_some();
    for field in request.descriptor().fields().filter(|field| request.has_field(field)) {
        if is_required(&field, &behavior) {
            let mut without = request.clone();
            without.clear_field(&field);
            bare.push((field.name().to_owned(), without));
        }
        if updates {
            continue;
        }
        match request.get_field(&field).as_ref() {
            Value::Message(inner) => {
                for (path, inner) in without_required(inner) {
                    let mut without = request.clone();
                    without.set_field(&field, Value::Message(inner));
                    bare.push((format!("{}.{path}", field.name()), without));
                }
            }
            Value::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    let Value::Message(inner) = element else { continue };
                    for (path, inner) in without_required(inner) {
                        let mut elements = elements.clone();
                        elements[index] = Value::Message(inner);
                        let mut without = request.clone();
                        without.set_field(&field, Value::List(elements));
                        bare.push((format!("{}[{index}].{path}", field.name()), without));
                    }
                }
            }
            _ => {}
        }
    }
    bare
}

fn is_required(field: &FieldDescriptor, behavior: &ExtensionDescriptor) -> bool {
    let options = field.options();
    let stated = options.get_extension(behavior);
    stated.as_list().is_some_and(|list| list.iter().any(|value| value.as_enum_number() == Some(REQUIRED)))
}

/// The same request under an id of its own.
pub fn with_new_id(mut request: DynamicMessage) -> DynamicMessage {
    if request.descriptor().get_field_by_name("request_id").is_some() {
        request.set_field_by_name("request_id", Value::String(request_id()));
    }
    request
}

/// A request that asks for something else: by its etag where it has one, else by its first text that is no name, else
/// by its time, else by its name.
fn with_other_content(request: &DynamicMessage) -> DynamicMessage {
    let mut other = request.clone();
    if other.descriptor().get_field_by_name("etag").is_some() {
        other.set_field_by_name("etag", Value::String(STALE.to_owned()));
        return other;
    }
    let mut changed = false;
    for field in request.descriptor().fields().filter(|field| matches!(field.kind(), Kind::Message(_))) {
        if let Value::Message(inner) = other.get_field_mut(&field)
            && !changed
        {
            each_text(inner, &mut |_, text| {
                if !changed && !text.starts_with("organizations/") {
                    text.push('x');
                    changed = true;
                }
            });
        }
    }
    if changed {
        return other;
    }
    let mut other = request.clone();
    each_text(&mut other, &mut |field, text| {
        if !changed && !["name", "parent", "request_id"].contains(&field.name()) {
            text.push('x');
            changed = true;
        }
    });
    if changed {
        return other;
    }
    for field in request.descriptor().fields().filter(|field| request.has_field(field)) {
        if let Value::Message(time) = other.get_field_mut(&field)
            && let Some(Value::I64(seconds)) = time.get_field_by_name("seconds").as_deref()
        {
            let earlier = Value::I64(seconds - 1);
            time.set_field_by_name("seconds", earlier);
            return other;
        }
    }
    contract::about(request, &unknown(&resource(request)))
}

/// A name like `name` that nothing has.
pub fn unknown(name: &str) -> String {
    match name.rsplit_once('/') {
        Some(("organizations", _)) | None => format!("organizations/{}", Uuid::from_u128(rand::random())),
        Some((collection, _)) => format!("{collection}/{}", Uuid::from_u128(rand::random())),
    }
}

/// The path of the field that says what a request is about.
fn resource_path(request: &DynamicMessage) -> String {
    let path: Vec<String> = contract::resource_field(request).iter().map(|field| field.name().to_owned()).collect();
    path.join(".")
}
