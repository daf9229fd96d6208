//! The services `Organizations` and `Sandboxes`.

use std::{future::ready, time::Duration};

use callout_casework::{boxed, command, ids, query, required};
use callout_contract::{Call as _, intake::v1 as pb};
use callout_journal::{Command, TenantTx, etag};
use callout_kit::{Caller, Error, Text, call::Call, clock, parse};
use jiff::Timestamp;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{clock::Clocks, commands, current};
use crate::Intake;

/// How long a token of a sandbox is good.
const TOKEN_LIFETIME: Duration = Duration::from_hours(1);

#[tonic::async_trait]
impl pb::organizations_server::Organizations for Intake {
    async fn create_organization(
        &self,
        request: Request<pb::CreateOrganizationRequest>,
    ) -> Result<Response<pb::Organization>, Status> {
        let caller = Caller::of(&request)?.clone();
        let request = request.into_inner();
        required::check(&request)?;
        let id = organization_id(&request.organization_id)?;
        // Only for oneself: a token says for which organisation its bearer may act, and so which one may be taken in.
        caller.require_organization(&id, &format!("organizations/{id}"))?;
        let asked = request.organization.clone().unwrap_or_default();
        self.take_in(&caller, &id, &request, asked, commands::New::Live).await
    }

    async fn get_organization(
        &self,
        request: Request<pb::GetOrganizationRequest>,
    ) -> Result<Response<pb::Organization>, Status> {
        query!(self, request, get)
    }

    async fn update_organization(
        &self,
        request: Request<pb::UpdateOrganizationRequest>,
    ) -> Result<Response<pb::Organization>, Status> {
        let caller = request.extensions().get::<Caller>().cloned();
        let answer = command!(self, request, commands::update)?;
        if let Some(caller) = caller {
            self.tell_all(&caller, answer.get_ref()).await;
        }
        Ok(answer)
    }
}

#[tonic::async_trait]
impl pb::sandboxes_server::Sandboxes for Intake {
    async fn create_sandbox(
        &self,
        request: Request<pb::CreateSandboxRequest>,
    ) -> Result<Response<pb::Organization>, Status> {
        let caller = Caller::of(&request)?.clone();
        let request = request.into_inner();
        required::check(&request)?;
        let owner = ids::organization(&caller, "parent", &request.parent)?;
        let request_id = parse::request_id(&request.request_id).map_err(|fault| Error::invalid("request_id", fault))?;
        // Follows from the request, so that a repetition asks for the same sandbox.
        let id = format!("{owner}-{}", &Uuid::new_v5(&request_id, owner.as_bytes()).simple().to_string()[..12]);
        let asked = request.organization.clone().unwrap_or_default();
        let owner = Caller { organization: id.clone(), ..caller };
        let new = commands::New::Sandbox { owner: request.parent.clone(), clock: request.clock };
        self.take_in(&owner, &id, &request, asked, new).await
    }

    async fn issue_sandbox_token(
        &self,
        request: Request<pb::IssueSandboxTokenRequest>,
    ) -> Result<Response<pb::IssueSandboxTokenResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let request = request.into_inner();
        required::check(&request)?;
        let (sandbox, _) = self.own_sandbox(&caller, &request.name).await?;
        let signer = self.sandbox_tokens.as_ref().ok_or(Error::Unconfigured { setting: "identity.sandbox_key" })?;
        let agency = ids::Id::optional(&sandbox, "agency", &request.agency)?
            .map(|agency: ids::AgencyId| ids::Id::uuid(agency).to_string());
        let acting = Caller { subject: request.subject, roles: request.roles, agency, ..sandbox };
        let now = clock::system_now();
        let token = signer.sign(&acting, now, TOKEN_LIFETIME)?;
        let expire_time = now.checked_add(TOKEN_LIFETIME).map_err(|fault| Error::Internal(fault.into()))?;
        let expire_time = Some(parse::to_timestamp(expire_time));
        Ok(Response::new(pb::IssueSandboxTokenResponse { token, expire_time }))
    }

    async fn advance_clock(
        &self,
        request: Request<pb::AdvanceClockRequest>,
    ) -> Result<Response<pb::Organization>, Status> {
        let caller = Caller::of(&request)?.clone();
        let request = request.into_inner();
        required::check(&request)?;
        let (sandbox, now) = self.own_sandbox(&caller, &request.name).await?;
        let to = request.to.ok_or_else(|| Error::invalid("to", Text::new("is required", "必填")))?;
        let to = parse::timestamp(to).map_err(|fault| Error::invalid("to", fault))?;
        let organization = sandbox.organization.clone();
        let back = to < now;
        if !back {
            // Not inside the command: its transaction would hold back the feeds that are to be read to their end.
            let clocks = Clocks::of(self, &organization);
            on_behalf_of(&sandbox, async move { clocks.advance(now, to).await }).await?;
        }
        let command = Command {
            method: pb::AdvanceClockRequest::METHOD,
            organization: &organization,
            resource: &request.name,
            request_id: &request.request_id,
        };
        let name = request.name.clone();
        let answer = boxed(move |tx: &mut TenantTx| {
            let answer = if back { Err(Error::ClockFixed { organization: name.clone() }) } else { current(tx) };
            Box::pin(ready(answer))
        });
        Ok(Response::new(self.host.journal.command(&sandbox, command, &request, answer).await?))
    }
}

impl Intake {
    /// Takes an organisation in, in a transaction of its own, and tells the other services.
    async fn take_in<R: callout_contract::Call>(
        &self,
        caller: &Caller,
        id: &str,
        request: &R,
        asked: pb::Organization,
        new: commands::New,
    ) -> Result<Response<pb::Organization>, Status> {
        let name = format!("organizations/{id}");
        let command =
            Command { method: R::METHOD, organization: id, resource: &name, request_id: request.request_id() };
        let intake = self.clone();
        let create = boxed(move |tx: &mut TenantTx| {
            let (intake, asked, new) = (intake.clone(), asked.clone(), new.clone());
            Box::pin(async move { commands::create(&intake, tx, asked, new).await })
        });
        let answer = self.host.journal.command(caller, command, request, create).await?;
        self.tell_all(caller, &answer).await;
        Ok(Response::new(answer))
    }

    /// Lets the other services hear of a change at once. When one cannot, it hears of it by its feed later.
    async fn tell_all(&self, caller: &Caller, changed: &pb::Organization) {
        let (clocks, version) =
            (Clocks::of(self, &caller.organization), etag::version(&changed.etag).unwrap_or_default());
        if let Err(error) = on_behalf_of(caller, async move { clocks.tell(version).await }).await {
            tracing::warn!(%error, caller.organization, "the other services have yet to hear of the organisation");
        }
    }

    /// The caller as one who acts in a sandbox, its own people or its owner's, and what time it is there.
    async fn own_sandbox(&self, caller: &Caller, name: &str) -> Result<(Caller, Timestamp), Error> {
        let [id] = parse::name(name, ["organizations"]).map_err(|fault| Error::invalid("name", fault))?;
        let acting = Caller { organization: id.to_owned(), ..caller.clone() };
        let owner = format!("organizations/{}", caller.organization);
        let not_found = || Error::NotFound { name: name.to_owned() };
        let look = boxed(|tx: &mut TenantTx| Box::pin(ready(current(tx).map(|organization| (organization, tx.now())))));
        let (organization, now) = self.host.journal.read(&acting, id, look).await?;
        if caller.organization != id && organization.owner != owner {
            return Err(not_found());
        }
        if organization.mode() == pb::organization::Mode::Sandbox {
            Ok((acting, now))
        } else {
            Err(Error::ClockFixed { organization: name.to_owned() })
        }
    }
}

/// Calls the other services as part of the present call, but as somebody of another organisation: a sandbox's.
async fn on_behalf_of<T>(caller: &Caller, work: impl Future<Output = T>) -> T {
    let own = Call::own_work("intake", caller.clone());
    let call = Call { deadline: Call::current().and_then(|call| call.deadline), ..own };
    call.scope(work).await
}

fn organization_id(id: &str) -> Result<String, Error> {
    let fits = (3..=40).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !id.starts_with('-');
    if fits {
        return Ok(id.to_owned());
    }
    let fault = Text::new(
        "must be 3 to 40 of a-z, 0-9 and -, not beginning with -",
        "须为 3 至 40 个 a-z、0-9 或 - 字符，且不以 - 开头",
    );
    Err(Error::invalid("organization_id", fault))
}

async fn get(
    _: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetOrganizationRequest,
) -> Result<pb::Organization, Error> {
    ids::organization(caller, "name", &request.name)?;
    current(tx)
}
