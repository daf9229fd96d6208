//! What a service works with, and how its RPCs read and write.

use std::{fmt, sync::Arc};

use callout_contract::Call;
use callout_journal::{Command, Journal, TenantTx};
use callout_kit::{
    Caller, Error, Text, parse,
    permissions::{RoleMap, RoleMaps},
};
use callout_regulation::Library;
use futures::future::BoxFuture;
use prost::Message;
use tonic::{Request, Response, Status};

use crate::{Settings, refusal, required};

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

/// What is done in the transaction of a call. Boxed, because the compiler cannot prove of an async closure over borrowed
/// arguments that its future is `Send`.
pub type Work<'t, A> = BoxFuture<'t, Result<A, Error>>;

impl Host {
    /// Carries out a request that changes something: once, however often it comes.
    ///
    /// Before `run`, the fields that the contract requires are checked, all at once. Written with [`command!`].
    ///
    /// # Errors
    /// Those of `run`, of [`required::check`] and of [`Journal::command`].
    pub fn write<R, A>(
        &self,
        request: Request<R>,
        run: impl for<'t> Fn(&'t mut TenantTx, Arc<Caller>, R) -> Work<'t, A> + Send + Sync + 'static,
    ) -> BoxFuture<'static, Result<Response<A>, Status>>
    where
        R: Call + Clone + 'static,
        A: Message + Default + 'static,
    {
        let host = self.clone();
        Box::pin(async move {
            let Addressed { caller, organization, request } = Addressed::of(request)?;
            let (by, asked, library) = (Arc::clone(&caller), request.clone(), Arc::clone(&host.library));
            let run = Arc::new(run);
            let run = boxed(move |tx| {
                let (run, by, asked, library) =
                    (Arc::clone(&run), Arc::clone(&by), asked.clone(), Arc::clone(&library));
                Box::pin(async move {
                    let result = run(&mut *tx, by, asked).await;
                    if let Err(error) = &result {
                        refusal::count(tx, &library, R::METHOD, error);
                    }
                    result
                })
            });
            let command = Command {
                method: R::METHOD,
                organization: &organization,
                resource: request.resource(),
                request_id: request.request_id(),
            };
            Ok(Response::new(host.journal.command(&caller, command, &request, run).await?))
        })
    }

    /// Answers a request that only looks. Written with [`query!`].
    ///
    /// # Errors
    /// Those of `run`, of [`required::check`] and of [`Journal::read`].
    pub fn read<R, A>(
        &self,
        request: Request<R>,
        run: impl for<'t> Fn(&'t mut TenantTx, Arc<Caller>, R) -> Work<'t, A> + Send + Sync + 'static,
    ) -> BoxFuture<'static, Result<Response<A>, Status>>
    where
        R: Call + Clone + 'static,
        A: Send + 'static,
    {
        let host = self.clone();
        Box::pin(async move {
            let Addressed { caller, organization, request } = Addressed::of(request)?;
            let by = Arc::clone(&caller);
            let run = boxed(move |tx| run(tx, Arc::clone(&by), request.clone()));
            Ok(Response::new(host.journal.read(&caller, &organization, run).await?))
        })
    }

    /// The role maps of the organisations, for the permission layer: as each organisation says, else as the pack in force
    /// gives it, else the suite's own roles.
    #[must_use]
    pub fn role_maps(&self) -> RoleMaps {
        let host = self.clone();
        RoleMaps::new(move |organization| {
            let host = host.clone();
            Box::pin(async move {
                let caller = Caller::service(host.journal.service().schema(), organization.as_str());
                let library = Arc::clone(&host.library);
                let look = boxed(move |tx: &mut TenantTx| {
                    let map = Settings::of(tx).map(|settings| settings.role_map(&library, tx.now()));
                    Box::pin(std::future::ready(map)) as Work<'_, RoleMap>
                });
                match host.journal.read(&caller, &organization, look).await {
                    Err(Error::NotFound { .. }) => Ok(None),
                    result => result.map(Some),
                }
            })
        })
    }
}

/// Gives a closure the signature that [`Journal`] asks for; without it the compiler takes its lifetimes for one.
pub fn boxed<A, F>(run: F) -> F
where
    F: for<'t> Fn(&'t mut TenantTx) -> Work<'t, A>,
{
    run
}

/// A call whose required fields are there and whose organisation is the caller's.
struct Addressed<R> {
    caller: Arc<Caller>,
    organization: String,
    request: R,
}

impl<R: Call> Addressed<R> {
    fn of(request: Request<R>) -> Result<Self, Error> {
        let caller = Arc::new(Caller::of(&request)?.clone());
        let request = request.into_inner();
        required::check(&request)?;
        let organization = organization::<R>(&caller, request.resource())?;
        Ok(Self { caller, organization, request })
    }
}

/// Answers a request by a command, an `async fn(&Service, &mut TenantTx, &Caller, Request) -> Result<Answer, Error>`.
#[macro_export]
macro_rules! command {
    ($service:expr, $request:expr, $command:path) => {
        $crate::call!(write, $service, $request, $command)
    };
}

/// Answers a request by a query, a function like that of [`command!`] which only looks.
#[macro_export]
macro_rules! query {
    ($service:expr, $request:expr, $query:path) => {
        $crate::call!(read, $service, $request, $query)
    };
}

/// What [`command!`] and [`query!`] share.
#[doc(hidden)]
#[macro_export]
macro_rules! call {
    ($method:ident, $service:expr, $request:expr, $run:path) => {{
        let service = ::core::clone::Clone::clone($service);
        $crate::Service::host($service)
            .$method($request, move |tx, caller, request| {
                let service = ::core::clone::Clone::clone(&service);
                ::std::boxed::Box::pin(async move { $run(&service, tx, &caller, request).await })
            })
            .await
    }};
}

/// The id of the organisation in a resource name, which must be the caller's.
fn organization<R: Call>(caller: &Caller, resource: &str) -> Result<String, Error> {
    let fault = || {
        let form = "must begin with organizations/{org}";
        Error::invalid(R::RESOURCE_FIELD, Text::new(form, "必须以 organizations/{org} 开头"))
    };
    let mut parts = resource.splitn(3, '/');
    let (collection, id) = (parts.next().ok_or_else(fault)?, parts.next().ok_or_else(fault)?);
    let name = format!("{collection}/{id}");
    let [organization] = parse::name(&name, ["organizations"]).map_err(|_| fault())?;
    caller.require_organization(organization, resource)?;
    Ok(organization.to_owned())
}
