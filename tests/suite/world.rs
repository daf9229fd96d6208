//! An organisation at work: people who call, the clock that is moved between their calls, and every call that was
//! accepted with its answer.

use std::collections::HashMap;

use callout_fleet::founding::request_id;
use callout_kit::Caller;
use prost_reflect::{DynamicMessage, MethodDescriptor, SerializeOptions};
use serde_json::{Value, json};
use tonic::Status;

use crate::{
    client::Client,
    contract, probe,
    stage::{Stage, person},
};

/// A call that was accepted.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub method: MethodDescriptor,
    pub by: Caller,
    pub request: DynamicMessage,
    /// As it came; those of a stream up to its end.
    pub answers: Vec<Vec<u8>>,
}

/// One organisation and its sandbox, in which everybody works.
pub struct World<'s> {
    pub stage: &'s Stage,
    /// A connection to each replica; calls go to them in turn.
    clients: Vec<Client>,
    /// The live organisation that owns the sandbox, `organizations/{org}`.
    pub owner: String,
    /// The sandbox, `organizations/{org}`; empty until it is opened.
    pub sandbox: String,
    pub exchanges: Vec<Exchange>,
    people: HashMap<&'static str, Caller>,
    /// What the probes found, when the world is to be probed.
    pub findings: Option<Vec<String>>,
}

impl<'s> World<'s> {
    /// A world that belongs to the organisation `owner`, an id.
    pub fn new(stage: &'s Stage, owner: &str) -> Self {
        Self {
            stage,
            clients: stage.clients(),
            owner: format!("organizations/{owner}"),
            sandbox: String::new(),
            exchanges: Vec::new(),
            people: HashMap::from([("root", person(owner, "root", &["administrator"]))]),
            findings: None,
        }
    }

    /// The same, but each method is probed with calls that must be refused or repeated when it is first called.
    pub fn probed(stage: &'s Stage, owner: &str) -> Self {
        Self { findings: Some(Vec::new()), ..Self::new(stage, owner) }
    }

    /// Lets somebody of the sandbox act in `role`.
    pub fn hire(&mut self, subject: &'static str, role: &str) {
        let organization = self.sandbox.trim_start_matches("organizations/").to_owned();
        self.people.insert(subject, person(&organization, subject, &[role]));
    }

    /// The same for the people of an agency, given by its resource name.
    pub fn hire_at(&mut self, agency: &str, subject: &'static str, role: &str) {
        self.hire(subject, role);
        let caller = self.people.get_mut(subject).expect("just hired");
        caller.agency = agency.rsplit('/').next().map(str::to_owned);
    }

    /// A service of the suite, calling for the sandbox.
    pub fn hire_service(&mut self, subject: &'static str) {
        let organization = self.sandbox.trim_start_matches("organizations/").to_owned();
        self.people.insert(subject, Caller::service(subject, organization));
    }

    pub fn person(&self, subject: &str) -> &Caller {
        self.people.get(subject).unwrap_or_else(|| panic!("nobody hired {subject}"))
    }

    /// Makes a call that is accepted: `intake/Cases/CreateCase`, with proto JSON, to which a request id is added.
    pub async fn call(&mut self, by: &str, method: &str, request: Value) -> Value {
        let exchange = self.prepare(by, method, request);
        let first = !self.exchanges.iter().any(|made| made.method == exchange.method);
        let probed = first && self.findings.is_some();
        if probed {
            let found = probe::before(self, &exchange).await;
            self.findings.get_or_insert_default().extend(found);
        }
        let answers = self.send(&exchange).await.unwrap_or_else(|status| {
            let request = serde_json::to_string(&exchange.request).expect("a request has JSON");
            panic!("{method} by {by} was refused: {}: {}\n{request}", status.code(), status.message())
        });
        let exchange = Exchange { answers, ..exchange };
        if probed {
            let found = probe::after(self, &exchange).await;
            self.findings.get_or_insert_default().extend(found);
        }
        let answer = json_of(&exchange);
        self.exchanges.push(exchange);
        answer
    }

    /// The name of what a call made.
    pub async fn make(&mut self, by: &str, method: &str, request: Value) -> String {
        let answer = self.call(by, method, request).await;
        answer["name"].as_str().expect("a resource has a name").to_owned()
    }

    /// Moves the sandbox's clock, and lets the services settle.
    pub async fn at(&mut self, time: &str) {
        self.call("root", "intake/Sandboxes/AdvanceClock", json!({"name": self.sandbox, "to": time})).await;
    }

    /// The replica whose turn it is.
    pub fn client(&self) -> &Client {
        &self.clients[self.exchanges.len() % self.clients.len()]
    }

    /// Makes a prepared call as it is.
    pub async fn send(&self, exchange: &Exchange) -> Result<Vec<Vec<u8>>, Status> {
        self.send_as(&exchange.by, exchange, &exchange.request).await
    }

    /// Makes the call of an exchange as somebody else, or with another request.
    pub async fn send_as(
        &self,
        by: &Caller,
        exchange: &Exchange,
        request: &DynamicMessage,
    ) -> Result<Vec<Vec<u8>>, Status> {
        self.client().call(&exchange.method, request, Some(&self.stage.token(by))).await
    }

    /// A call with its request id, ready to be made.
    pub fn prepare(&self, by: &str, method: &str, mut request: Value) -> Exchange {
        let (package, rest) = method.split_once('/').expect("a package and a method");
        let method = contract::method(&format!("callout.{package}.v1.{rest}"));
        if method.input().get_field_by_name("request_id").is_some() {
            request["requestId"] = json!(request_id());
        }
        let request = DynamicMessage::deserialize(method.input(), request)
            .unwrap_or_else(|fault| panic!("{}: {fault}", contract::name_of(&method)));
        Exchange { method, by: self.person(by).clone(), request, answers: Vec::new() }
    }
}

fn json_of(exchange: &Exchange) -> Value {
    let options = SerializeOptions::new().skip_default_fields(false);
    let decoded = exchange.answers.iter().map(|answer| {
        let message = DynamicMessage::decode(exchange.method.output(), answer.as_slice()).expect("an answer");
        message.serialize_with_options(serde_json::value::Serializer, &options).expect("an answer has JSON")
    });
    let mut answers: Vec<Value> = decoded.collect();
    if exchange.method.is_server_streaming() { Value::Array(answers) } else { answers.pop().unwrap_or_default() }
}
