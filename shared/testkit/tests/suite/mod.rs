//! Three services that do just enough to be played against: they keep organisations and remember every call.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex},
};

use callout_contract::{
    events::v1::{Event, GetBacklogRequest, GetBacklogResponse, SubscribeRequest},
    intake::v1::{
        AdvanceClockRequest, CreateOrganizationRequest, CreateSandboxRequest, GetOrganizationRequest,
        IssueSandboxTokenRequest, IssueSandboxTokenResponse, Organization, OrganizationChanged,
        UpdateOrganizationRequest,
        feed_server::{Feed, FeedServer},
        organizations_server::{Organizations, OrganizationsServer},
        sandboxes_server::{Sandboxes, SandboxesServer},
    },
};
use callout_testkit::scenario::Target;
use prost::Name as _;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_stream::{Stream, StreamExt as _, wrappers::TcpListenerStream};
use tonic::{
    Code, Request, Response, Status,
    transport::{Channel, Server},
};
use tonic_types::{ErrorDetails, StatusExt as _};

/// A call as it came in.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its method and what matters of its request.
    pub method: String,
    /// The bearer token.
    pub token: String,
    /// The trace that it continues.
    pub traceparent: String,
}

#[derive(Default)]
struct Kept {
    organizations: HashMap<String, Organization>,
    answers: HashMap<String, Organization>,
    calls: Vec<Call>,
}

/// The suite; every server of it shares what it keeps.
#[derive(Clone, Default)]
pub struct Suite(Arc<Mutex<Kept>>);

impl Suite {
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Serves on a free port of the loopback until the test ends.
    pub async fn serve(self: &Arc<Self>) -> Target {
        self.serve_after(0).await
    }

    /// The same, but the first `broken` connections end before they bring an answer.
    pub async fn serve_after(self: &Arc<Self>, broken: usize) -> Target {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = Server::builder()
            .add_service(SandboxesServer::from_arc(Arc::clone(self)))
            .add_service(OrganizationsServer::from_arc(Arc::clone(self)))
            .add_service(FeedServer::from_arc(Arc::clone(self)));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener).skip(broken)));
        target(address)
    }

    pub fn calls(&self) -> Vec<Call> {
        self.0.lock().unwrap().calls.clone()
    }

    fn note<M>(&self, method: &str, request: &Request<M>) {
        let header = |name| request.metadata().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = header("authorization").strip_prefix("Bearer ").unwrap_or_default().to_owned();
        let call = Call { method: method.to_owned(), token, traceparent: header("traceparent").to_owned() };
        self.0.lock().unwrap().calls.push(call);
    }

    fn organization(&self, name: &str) -> Result<Organization, Status> {
        let kept = self.0.lock().unwrap();
        kept.organizations.get(name).cloned().ok_or_else(|| refused(Code::NotFound, "RESOURCE_NOT_FOUND", &[], &[]))
    }
}

/// A suite at an address where none is.
pub fn nowhere() -> Target {
    target("http://127.0.0.1:1".to_owned())
}

fn target(address: String) -> Target {
    let channel = Channel::from_shared(address).unwrap().connect_lazy();
    Target::new(channel, "organizations/owner", SecretString::from("owner"))
}

fn refused(code: Code, reason: &str, rules: &[&str], fields: &[&str]) -> Status {
    let mut details = ErrorDetails::with_error_info(reason, "callout", HashMap::new());
    for rule in rules {
        details.add_precondition_failure_violation(*rule, "organization", "no");
    }
    for field in fields {
        details.add_bad_request_violation(*field, "no");
    }
    Status::with_error_details(code, "no", details)
}

#[tonic::async_trait]
impl Sandboxes for Suite {
    async fn create_sandbox(&self, request: Request<CreateSandboxRequest>) -> Result<Response<Organization>, Status> {
        self.note("CreateSandbox", &request);
        let request = request.into_inner();
        assert_eq!(request.parent, "organizations/owner");
        let mut kept = self.0.lock().unwrap();
        let name = format!("organizations/sandbox-{}", kept.organizations.len() + 1);
        let organization =
            Organization { name: name.clone(), clock: request.clock, ..request.organization.unwrap_or_default() };
        kept.organizations.insert(name, organization.clone());
        Ok(Response::new(organization))
    }

    async fn issue_sandbox_token(
        &self,
        request: Request<IssueSandboxTokenRequest>,
    ) -> Result<Response<IssueSandboxTokenResponse>, Status> {
        let IssueSandboxTokenRequest { name, subject, roles, agency } = request.get_ref();
        self.note(format!("IssueSandboxToken {subject} [{}] {agency}", roles.join(", ")).trim_end(), &request);
        let token = format!("{subject} of {name}");
        Ok(Response::new(IssueSandboxTokenResponse { token, expire_time: None }))
    }

    async fn advance_clock(&self, request: Request<AdvanceClockRequest>) -> Result<Response<Organization>, Status> {
        let to = request.get_ref().to;
        self.note(&format!("AdvanceClock {}", to.unwrap_or_default()), &request);
        let mut organization = self.organization(&request.get_ref().name)?;
        organization.clock = to;
        self.0.lock().unwrap().organizations.insert(organization.name.clone(), organization.clone());
        Ok(Response::new(organization))
    }
}

#[tonic::async_trait]
impl Organizations for Suite {
    async fn create_organization(
        &self,
        request: Request<CreateOrganizationRequest>,
    ) -> Result<Response<Organization>, Status> {
        self.note("CreateOrganization", &request);
        Err(refused(Code::FailedPrecondition, "RULE_REFUSED", &["R01-06", "R01-34"], &[]))
    }

    async fn get_organization(
        &self,
        request: Request<GetOrganizationRequest>,
    ) -> Result<Response<Organization>, Status> {
        self.note("GetOrganization", &request);
        self.organization(&request.get_ref().name).map(Response::new)
    }

    /// Counts its changes in the etag. A repeated request id gets the first answer, unless the name is `forgetful`.
    async fn update_organization(
        &self,
        request: Request<UpdateOrganizationRequest>,
    ) -> Result<Response<Organization>, Status> {
        self.note("UpdateOrganization", &request);
        let UpdateOrganizationRequest { organization, request_id, .. } = request.into_inner();
        let wanted = organization.unwrap_or_default();
        if request_id.is_empty() || wanted.display_name.is_empty() {
            return Err(refused(Code::InvalidArgument, "FIELD_INVALID", &[], &["organization.display_name"]));
        }
        let mut changed = self.organization(&wanted.name)?;
        let mut kept = self.0.lock().unwrap();
        if let Some(answer) = kept.answers.get(&request_id)
            && wanted.display_name != "forgetful"
        {
            return Ok(Response::new(answer.clone()));
        }
        changed.display_name = wanted.display_name;
        changed.tables = wanted.tables;
        changed.etag = format!("{}1", changed.etag);
        kept.answers.insert(request_id, changed.clone());
        kept.organizations.insert(changed.name.clone(), changed.clone());
        Ok(Response::new(changed))
    }
}

#[tonic::async_trait]
impl Feed for Suite {
    type SubscribeStream = Pin<Box<dyn Stream<Item = Result<Event, Status>> + Send>>;

    async fn subscribe(&self, request: Request<SubscribeRequest>) -> Result<Response<Self::SubscribeStream>, Status> {
        self.note("Subscribe", &request);
        let organization = self.organization(&request.get_ref().organization)?;
        let event = |id: &str| Event {
            id: id.to_owned(),
            r#type: OrganizationChanged::full_name(),
            payload: prost_types::Any::from_msg(&OrganizationChanged { organization: Some(organization.clone()) }).ok(),
            ..Event::default()
        };
        let events = [event("1"), event("2")].map(Ok);
        Ok(Response::new(Box::pin(tokio_stream::iter(events))))
    }

    async fn get_backlog(&self, _: Request<GetBacklogRequest>) -> Result<Response<GetBacklogResponse>, Status> {
        Err(Status::unimplemented("no scenario asks for it"))
    }
}
