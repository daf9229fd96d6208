//! Whether the consequences of what happened in a sandbox have come to an end, in all services.
//!
//! Each service counts what it has told of an organisation. Whoever moves the clock hands these numbers round: a service of
//! which nobody has told more than it has dealt with does nothing, the others read the feeds, and all say how much they have
//! told by then. Once the numbers stay the same, nothing is under way any more, however busy other organisations are.

use std::collections::HashMap;

use callout_kit::{Caller, Error};
use jiff::Timestamp;

use crate::{DatabaseResult as _, Journal, Service, TenantTx, database_error::settled, tenant::Access};

/// How far a service is with an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many events it has told.
    pub told: i64,
    /// When its earliest timer runs; none when none is set.
    pub next_due: Option<Timestamp>,
    /// How many events the others had told when it last dealt with all of theirs, by their schemas.
    settled: HashMap<String, i64>,
}

impl Standing {
    /// How many events of `upstream`, which has told `told`, it has yet to deal with.
    #[must_use]
    pub fn behind(&self, upstream: Service, told: i64) -> i64 {
        told - self.settled.get(upstream.schema()).copied().unwrap_or_default()
    }
}

/// How far this service is with `organization`, by its id; with one that it does not know yet it has not begun.
///
/// # Errors
/// [`Error::Busy`] when the database is out of reach.
pub async fn standing(journal: &Journal, organization: &str) -> Result<Standing, Error> {
    let caller = Caller::service(journal.service().schema(), organization);
    journal.read(&caller, organization, async |tx: &mut TenantTx| read(tx).await).await
}

/// Notes that everything was dealt with that others had told by the time when they had told so many events, and says how
/// far this service is by now.
///
/// # Errors
/// As [`standing`].
pub async fn note(journal: &Journal, organization: &str, dealt_with: &[(Service, i64)]) -> Result<Standing, Error> {
    let caller = Caller::service(journal.service().schema(), organization);
    let noting = async {
        let (mut tx, _) = TenantTx::open(journal, Access::Write, &caller, organization, None).await?;
        let result = write(&mut tx, dealt_with).await;
        tx.end(result).await
    };
    noting.await.map_err(settled)
}

/// The same within a transaction.
pub(crate) async fn read(tx: &mut TenantTx) -> Result<Standing, Error> {
    let (told, next_due, names, counts): (i64, Option<jiff_sqlx::Timestamp>, Vec<String>, Vec<i64>) = sqlx::query_as(
        "select (select count(*) from event where organization = $1),
                (select min(run_at) from timer where organization = $1),
                coalesce(array_agg(name), '{}'), coalesce(array_agg(told), '{}')
           from settled where organization = $1",
    )
    .bind(tx.organization_id().to_owned())
    .fetch_one(tx.conn())
    .await
    .db()?;
    let settled = names.into_iter().zip(counts).collect();
    Ok(Standing { told, next_due: next_due.map(jiff_sqlx::Timestamp::to_jiff), settled })
}

async fn write(tx: &mut TenantTx, dealt_with: &[(Service, i64)]) -> Result<Standing, Error> {
    for (upstream, told) in dealt_with {
        sqlx::query(
            "insert into settled (organization, name, told) values ($1, $2, $3)
                 on conflict (organization, name) do update set told = greatest(settled.told, excluded.told)",
        )
        .bind(tx.organization_id().to_owned())
        .bind(upstream.schema())
        .bind(told)
        .execute(tx.conn())
        .await
        .db()?;
    }
    read(tx).await
}
