//! Numbers of documents: in sequence for each organisation, kind of document and month.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use callout_kit::Error;
use jiff::civil::Date;
use jiff_sqlx::{Date as SqlDate, ToSqlx as _};
use sqlx::{
    Connection as _,
    postgres::{PgConnectOptions, PgConnection},
};
use tokio::sync::oneshot;

use crate::{DatabaseResult as _, TenantTx};

/// How long it may take to draw numbers, or to connect for it: a statement that waits for nobody takes milliseconds.
const LONGEST: Duration = Duration::from_secs(3);

/// The next number for documents of `kind` in the month of `on`, from 1, where a register must have no gaps.
///
/// A command that is rolled back gives its number back. The price is that the commands of one organisation that number the
/// same kind of document go one after another, from here to their commit; so take the number last. Other organisations,
/// kinds and months are not held up.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn next(tx: &mut TenantTx, kind: &str, on: Date) -> Result<i64, Error> {
    sqlx::query_scalar(
        "insert into document_number (organization, kind, month, last) values ($1, $2, $3, 1)
             on conflict (organization, kind, month) do update set last = document_number.last + 1
         returning last",
    )
    .bind(tx.organization_id().to_owned())
    .bind(kind)
    .bind(on.first_of_month().to_sqlx())
    .fetch_one(tx.conn())
    .await
    .db()
}

/// A number for a document of `kind` in the month of `on`, above all that were drawn before, from 1.
///
/// Nobody waits for anybody else's commit: a command that is rolled back leaves a gap. Not for kinds of which [`next`] is
/// taken.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn draw(tx: &mut TenantTx, kind: &str, on: Date) -> Result<i64, Error> {
    let series =
        Series { organization: tx.organization_id().to_owned(), kind: kind.to_owned(), month: on.first_of_month() };
    let dispenser = Arc::clone(tx.numbers());
    dispenser.draw(series).await
}

/// What is numbered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    organization: String,
    kind: String,
    month: Date,
}

/// Draws numbers for all who want one, by a connection of its own: whoever wants one holds a connection of the pool, and all
/// of them might wait for one more. While one statement is under way, those who come gather for the next.
///
/// The connection does not wait for the disk. What is lost with the server are numbers of which no document is on disk: the
/// log is written in order, and a document that is there has its number before it.
pub(crate) struct Dispenser {
    options: PgConnectOptions,
    waiting: Mutex<Vec<(Series, oneshot::Sender<i64>)>>,
    connection: tokio::sync::Mutex<Option<PgConnection>>,
}

impl fmt::Debug for Dispenser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispenser").finish_non_exhaustive()
    }
}

impl Dispenser {
    pub fn new(options: PgConnectOptions) -> Self {
        let options = options.options([("synchronous_commit", "off")]);
        Self { options, waiting: Mutex::default(), connection: tokio::sync::Mutex::default() }
    }

    async fn draw(&self, series: Series) -> Result<i64, Error> {
        loop {
            let (give, given) = oneshot::channel();
            self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((series.clone(), give));
            self.serve().await?;
            // Whoever took this one along may have failed, or been given up.
            if let Ok(number) = given.await {
                return Ok(number);
            }
        }
    }

    /// Serves all who wait, unless somebody else did so meanwhile.
    async fn serve(&self) -> Result<(), Error> {
        let mut place = self.connection.lock().await;
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if waiting.is_empty() {
            return Ok(());
        }
        let mut wanted: BTreeMap<Series, Vec<oneshot::Sender<i64>>> = BTreeMap::new();
        for (series, give) in waiting {
            wanted.entry(series).or_default().push(give);
        }
        // Put back only whole: one whose statement was given up halfway is not used again.
        let (connection, mut taken) = match place.take() {
            Some(connection) => match in_time(take(connection, &wanted)).await {
                // It may have been dead for long; what it took nevertheless are gaps.
                Err(_) => self.take_anew(&wanted).await?,
                Ok(taken) => taken,
            },
            None => self.take_anew(&wanted).await?,
        };
        *place = Some(connection);
        for (series, everyone) in wanted {
            let last = taken.remove(&series);
            let last = last.ok_or_else(|| Error::Internal(anyhow::anyhow!("no numbers were taken of {series:?}")))?;
            // In the order in which they came.
            for (give, number) in everyone.into_iter().rev().zip((1..=last).rev()) {
                // Of one who has gone the number is a gap.
                let _ = give.send(number);
            }
        }
        Ok(())
    }

    async fn take_anew<T>(&self, wanted: &BTreeMap<Series, Vec<T>>) -> Result<Taken, Error> {
        in_time(async { take(PgConnection::connect_with(&self.options).await.db()?, wanted).await }).await
    }

    /// Ends the connection.
    pub async fn close(&self) {
        if let Some(connection) = self.connection.lock().await.take()
            && let Err(error) = connection.close().await
        {
            tracing::debug!(%error, "the connection that numbers are drawn by was lost");
        }
    }
}

/// Gives up on a server that does not answer: all who want a number wait for it.
async fn in_time<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    // Told like a pool that has no connection to give.
    tokio::time::timeout(LONGEST, work).await.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut).db())
}

/// The last number taken of each series, and by which connection.
type Taken = (PgConnection, BTreeMap<Series, i64>);

async fn take<T>(mut connection: PgConnection, wanted: &BTreeMap<Series, Vec<T>>) -> Result<Taken, Error> {
    let rows: Vec<(String, String, SqlDate, i64)> = sqlx::query_as("select * from take_numbers($1, $2, $3, $4)")
        .bind(wanted.keys().map(|series| series.organization.as_str()).collect::<Vec<_>>())
        .bind(wanted.keys().map(|series| series.kind.as_str()).collect::<Vec<_>>())
        .bind(wanted.keys().map(|series| series.month.to_sqlx()).collect::<Vec<_>>())
        .bind(wanted.values().map(|everyone| i64::try_from(everyone.len()).unwrap_or(i64::MAX)).collect::<Vec<_>>())
        .fetch_all(&mut connection)
        .await
        .db()?;
    let taken = rows.into_iter().map(|(organization, kind, month, last)| {
        let month = month.to_jiff();
        (Series { organization, kind, month }, last)
    });
    let taken = taken.collect();
    Ok((connection, taken))
}
