//! What a service works with, and how its RPCs read and write.

use std::{fmt, sync::Arc};

use callout_contract::Call;
use callout_journal::{Command, Journal, TenantTx};
use callout_kit::{Caller, Error, Text, parse};
use callout_regulation::Library;
use prost::Message;
use tonic::{Request, Response, Status};

use crate::required;

/// A service's schema and the regulations that it knows. Cheap to clone.
#[derive(Clone)]
pub struct Host {
    /// Its schema.
    pub journal: Journal,
    /// The regulations.
    pub library: Arc<Library>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("journal", &self.journal).finish_non_exhaustive()
    }
}

impl Host {
    /// Carries out a request that changes something: once, however often it comes.
    ///
    /// Before `run`, the fields that the contract requires are checked, all at once.
    ///
    /// # Errors
    /// Those of `run`, of [`required::check`] and of [`Journal::command`].
    pub async fn write<R, A>(
        &self,
        request: Request<R>,
        run: impl AsyncFn(&mut TenantTx, &Caller, R) -> Result<A, Error>,
    ) -> Result<Response<A>, Status>
    where
        R: Call + Clone,
        A: Message + Default,
    {
        let caller = Caller::of(&request)?.clone();
        let request = request.into_inner();
        required::check(&request)?;
        let organization = organization(&caller, request.resource())?;
        let command = Command {
            method: R::METHOD,
            organization: &organization,
            resource: request.resource(),
            request_id: request.request_id(),
        };
        let run = async |tx: &mut TenantTx| run(tx, &caller, request.clone()).await;
        Ok(Response::new(self.journal.command(&caller, command, &request, run).await?))
    }

    /// Answers a request that only looks.
    ///
    /// # Errors
    /// Those of `run`, of [`required::check`] and of [`Journal::read`].
    pub async fn read<R, A>(
        &self,
        request: Request<R>,
        run: impl AsyncFn(&mut TenantTx, &Caller, R) -> Result<A, Error>,
    ) -> Result<Response<A>, Status>
    where
        R: Call + Clone,
    {
        let caller = Caller::of(&request)?.clone();
        let request = request.into_inner();
        required::check(&request)?;
        let organization = organization(&caller, request.resource())?;
        let run = async |tx: &mut TenantTx| run(tx, &caller, request.clone()).await;
        Ok(Response::new(self.journal.read(&caller, &organization, run).await?))
    }
}

/// The id of the organisation in a resource name, which must be the caller's.
fn organization(caller: &Caller, resource: &str) -> Result<String, Error> {
    let fault = || {
        let form = "must begin with organizations/{org}";
        Error::invalid("name", Text::new(form, "必须以 organizations/{org} 开头"))
    };
    let mut parts = resource.splitn(3, '/');
    let (collection, id) = (parts.next().ok_or_else(fault)?, parts.next().ok_or_else(fault)?);
    let name = format!("{collection}/{id}");
    let [organization] = parse::name(&name, ["organizations"]).map_err(|_| fault())?;
    caller.require_organization(organization, resource)?;
    Ok(organization.to_owned())
}
