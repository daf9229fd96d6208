//! The sandbox in which one scenario is played: its clock, and the tokens of the people in it.

use std::collections::HashMap;

use callout_contract::intake::v1::{
    AdvanceClockRequest, CreateSandboxRequest, IssueSandboxTokenRequest, Organization,
    sandboxes_client::SandboxesClient,
};
use callout_kit::telemetry::code_word;
use jiff::Timestamp;
use prost_reflect::{DynamicMessage, prost::Message as _};
use secrecy::ExposeSecret;
use tonic::{Response, Status, transport::Channel};
use uuid::Uuid;

use super::{
    call::{self, Credentials},
    model::{Call, Scenario},
    recorder::Recorder,
    target::Target,
    time,
};

const INTAKE: &str = "callout.intake.v1";

/// An open sandbox, and the calls made in it.
pub(super) struct Sandbox<'t> {
    target: &'t Target,
    /// Its organisation, `organizations/{org}`.
    pub(super) name: String,
    /// Its time, as it was moved last.
    pub(super) clock: Timestamp,
    /// Whether something was written since the services last settled.
    unsettled: bool,
    tokens: HashMap<String, String>,
    request_ids: RequestIds,
    pub(super) recorder: Recorder,
    /// How many calls were made, those of the runner itself included.
    pub(super) calls: u32,
}

/// Makes request ids: another one for every call, others in every run.
struct RequestIds {
    run: Uuid,
    made: u64,
}

impl RequestIds {
    fn next(&mut self) -> String {
        self.made += 1;
        Uuid::new_v5(&self.run, &self.made.to_be_bytes()).to_string()
    }
}

impl<'t> Sandbox<'t> {
    /// A sandbox that is still to be opened; the name is known once it is.
    pub(super) fn new(target: &'t Target, recorder: Recorder, starts_at: Timestamp) -> Self {
        Self {
            target,
            name: String::new(),
            clock: starts_at,
            unsettled: false,
            tokens: HashMap::new(),
            request_ids: RequestIds { run: Uuid::from_u128(rand::random()), made: 0 },
            recorder,
            calls: 0,
        }
    }

    /// Opens it with the settings of the scenario.
    pub(super) async fn open(&mut self, scenario: &Scenario) -> Result<(), Status> {
        let request = CreateSandboxRequest {
            parent: self.target.organization.clone(),
            organization: Some(organization(scenario)?),
            clock: Some(time::to_proto(self.clock)),
            request_id: self.request_ids.next(),
        };
        let answer = self
            .administer("CreateSandbox", request, async |mut client, request| client.create_sandbox(request).await)
            .await?;
        self.name = answer.name;
        Ok(())
    }

    /// Gives `person` a token; a person keeps the one that they have.
    pub(super) async fn admit(&mut self, person: &str, roles: &[String], agency: String) -> Result<(), Status> {
        if self.tokens.contains_key(person) {
            return Ok(());
        }
        let request = IssueSandboxTokenRequest {
            name: self.name.clone(),
            subject: person.to_owned(),
            roles: roles.to_vec(),
            agency,
        };
        let answer = self
            .administer("IssueSandboxToken", request, async |mut client, request| {
                client.issue_sandbox_token(request).await
            })
            .await?;
        self.tokens.insert(person.to_owned(), answer.token);
        Ok(())
    }

    /// Moves the clock; what falls due on the way happens.
    pub(super) async fn advance(&mut self, to: Timestamp) -> Result<(), Status> {
        let request = AdvanceClockRequest {
            name: self.name.clone(),
            to: Some(time::to_proto(to)),
            request_id: self.request_ids.next(),
        };
        self.administer("AdvanceClock", request, async |mut client, request| client.advance_clock(request).await)
            .await?;
        self.clock = to;
        self.unsettled = false;
        Ok(())
    }

    /// Lets what one service owes another happen, if anything was written.
    pub(super) async fn settle(&mut self) -> Result<(), Status> {
        if self.unsettled { self.advance(self.clock).await } else { Ok(()) }
    }

    /// The message with a request id, when it needs one.
    pub(super) fn with_request_id(&mut self, call: &Call, mut message: DynamicMessage) -> DynamicMessage {
        if call.needs_request_id {
            message.set_field_by_name("request_id", prost_reflect::Value::String(self.request_ids.next()));
        }
        message
    }

    /// Makes the call of a step, as the person who was admitted for it.
    pub(super) async fn call(&mut self, call: &Call, message: DynamicMessage) -> Result<Vec<DynamicMessage>, Status> {
        let token = match &call.by {
            Some(person) => self.tokens.get(person).cloned().unwrap_or_default(),
            None => self.target.token.expose_secret().to_owned(),
        };
        let running = Recorder::call(&call.name());
        let traceparent = self.recorder.traceparent(&running);
        let patience = self.target.patience;
        let credentials = Credentials { token: &token, traceparent: &traceparent, patience };
        let channel = self.target.channel(call.method.parent_service().package_name());
        let send = async || call::call(channel.clone(), &call.method, message.clone(), &credentials).await;
        let answers = call::answered(patience, send).await;
        self.calls += 1;
        self.recorder.end(running, code_word(answers.as_ref().err().map_or(tonic::Code::Ok, Status::code)));
        // A call that was refused has changed nothing.
        self.unsettled |= call.writes && answers.is_ok();
        answers
    }

    /// Makes a call of the sandbox's owner.
    async fn administer<M: Clone, A>(
        &mut self,
        method: &str,
        message: M,
        call: impl AsyncFn(SandboxesClient<Channel>, tonic::Request<M>) -> Result<Response<A>, Status>,
    ) -> Result<A, Status> {
        let running = Recorder::call(&format!("{INTAKE}.Sandboxes/{method}"));
        let traceparent = self.recorder.traceparent(&running);
        let token = self.target.token.expose_secret();
        let patience = self.target.patience;
        let credentials = Credentials { token, traceparent: &traceparent, patience };
        let client = SandboxesClient::new(self.target.channel(INTAKE));
        let send = async || call(client.clone(), credentials.request(message.clone())?).await;
        let answer = call::answered(patience, send).await;
        self.calls += 1;
        self.recorder.end(running, code_word(answer.as_ref().err().map_or(tonic::Code::Ok, Status::code)));
        answer.map(Response::into_inner)
    }
}

/// The settings of the scenario's organisation, which has the scenario's name unless it has one of its own.
fn organization(scenario: &Scenario) -> Result<Organization, Status> {
    let unfit = |error: &dyn std::fmt::Display| Status::invalid_argument(format!("`organization`: {error}"));
    let descriptor = callout_contract::POOL
        .get_message_by_name("callout.intake.v1.Organization")
        .ok_or_else(|| unfit(&"not in the contract"))?;
    let message = DynamicMessage::deserialize(descriptor, &scenario.organization).map_err(|error| unfit(&error))?;
    let mut organization = Organization::decode(message.encode_to_vec().as_slice()).map_err(|error| unfit(&error))?;
    if organization.display_name.is_empty() {
        organization.display_name.clone_from(&scenario.id);
    }
    Ok(organization)
}
