//! A write under a request id: one effect and one answer, however often it is sent, whichever replica it reaches.

use callout_contract::policy;
use callout_kit::{Caller, Error, Violations, attributes, metrics::Counter, parse};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use prost::{Message, Name};
use sha2::{Digest as _, Sha256};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::{
    DatabaseResult as _, Journal, TenantTx, audit,
    database_error::{Tries, is_forbidden, settled},
    tenant::{Access, Claim, Seen},
};

/// What a command is called by, and what it is about.
#[derive(Clone, Copy, Debug)]
pub struct Command<'a> {
    /// Path of the gRPC method, such as `/callout.intake.v1.Cases/DispatchCase`; its policy says how it is audited.
    pub method: &'static str,
    /// The id of the organisation that it changes.
    pub organization: &'a str,
    /// The resource that it changes; of one that is yet to be made, the parent (then see [`TenantTx::audit_as`]).
    pub resource: &'a str,
    /// The `request_id` as the caller sent it.
    pub request_id: &'a str,
}

impl Journal {
    /// Carries a request out, once: `run`, its audit entry and its answer commit together, or nothing does.
    ///
    /// A request whose id was seen before gets the answer of that time, and `run` does not run; one that comes while the
    /// first is under way waits for it. When another transaction gets in the way (a deadlock, a serialization failure)
    /// everything is rolled back and `run` runs again. It owns what it uses (`async move |tx| …`), as in
    /// [`Self::read`], and does nothing that a rollback does not undo.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a UUID as request id; [`Error::RequestReused`] when the id stands for another request;
    /// [`Error::Busy`] when the database is out of reach or transactions keep getting in the way, in which case the
    /// effect may or may not be there, and sending the same request again finds out; [`Error::PermissionMissing`] when
    /// `run` writes what the policies of the tables do not let the caller's agency write; else those of `run`.
    pub async fn command<R, A>(
        &self,
        caller: &Caller,
        command: Command<'_>,
        request: &R,
        run: impl AsyncFn(&mut TenantTx) -> Result<A, Error>,
    ) -> Result<A, Error>
    where
        R: Message + Name,
        A: Message + Default,
    {
        let mut violations = Violations::default();
        let Some(request_id) = violations.take("request_id", parse::request_id(command.request_id)) else {
            return Err(violations.into_error());
        };
        let fingerprint = fingerprint(caller, command.method, request);
        let mut tries = Tries::default();
        loop {
            let attempt = self.attempt(caller, command, request_id, &fingerprint, &run);
            match Box::pin(attempt).instrument(self.span("command")).await {
                Err(error) if tries.again(&error) => {}
                // What an outside company may not write, the policies of the tables say.
                Err(error) if caller.agency.is_some() && is_forbidden(&error) => {
                    let policy = policy::of(command.method);
                    let permission = policy.map(|policy| policy.permission.clone()).unwrap_or_default();
                    return Err(Error::PermissionMissing { permission });
                }
                result => return result.map_err(settled),
            }
        }
    }

    async fn attempt<A: Message + Default>(
        &self,
        caller: &Caller,
        command: Command<'_>,
        request_id: Uuid,
        fingerprint: &[u8],
        run: &impl AsyncFn(&mut TenantTx) -> Result<A, Error>,
    ) -> Result<A, Error> {
        let claim = Claim { request_id, method: command.method, fingerprint };
        let (mut tx, seen) = TenantTx::open(self, Access::Write, caller, command.organization, Some(claim)).await?;
        if let Some(seen) = seen {
            let method = command.method.trim_start_matches('/');
            tx.count(Counter::RequestsReplayed, [(attributes::RPC_METHOD, method.into())]);
            return tx.end(replay(seen, fingerprint)).await;
        }
        let result = carry_out(&mut tx, caller, command, request_id, run).await;
        tx.end(result).await
    }
}

async fn carry_out<A: Message>(
    tx: &mut TenantTx,
    caller: &Caller,
    command: Command<'_>,
    request_id: Uuid,
    run: &impl AsyncFn(&mut TenantTx) -> Result<A, Error>,
) -> Result<A, Error> {
    let answer = run(tx).await?;
    let class =
        policy::of(command.method).map_or(Some(audit::Class::Change), |policy| audit::Class::of(policy.audit()));
    if let Some(class) = class {
        let cause = request_id.to_string();
        let entry = audit::Entry { class, method: command.method, resource: command.resource, cause: &cause };
        audit::append(tx, caller, &entry);
    }
    tx.closing().answer = Some((request_id, answer.encode_to_vec()));
    Ok(answer)
}

/// Forgets the requests that were carried out before `before` (30 days ago, as the contract says), in every organisation;
/// returns how many. A replay older than that has its effect again.
///
/// # Errors
/// [`Error::Busy`] when the database is out of reach.
pub async fn purge_requests(journal: &Journal, before: Timestamp) -> Result<i64, Error> {
    sqlx::query_scalar("select purge_requests($1)")
        .bind(before.to_sqlx())
        .fetch_one(journal.pool())
        .await
        .db()
        .map_err(settled)
}

/// What makes a request the same as another one: who may see its answer, and what it asks for.
///
/// The encoding of a message is the same each time because the contract has its maps sorted.
fn fingerprint(caller: &Caller, method: &str, request: &impl Message) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [method, caller.agency.as_deref().unwrap_or_default()] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(request.encode_to_vec());
    hash.finalize().into()
}

fn replay<A: Message + Default>(seen: Seen, fingerprint: &[u8]) -> Result<A, Error> {
    if seen.fingerprint != fingerprint {
        return Err(Error::RequestReused);
    }
    let answer =
        seen.answer.ok_or_else(|| Error::Internal(anyhow::anyhow!("request.answer is null after the commit")))?;
    A::decode(answer.as_slice()).map_err(|error| Error::Internal(error.into()))
}
