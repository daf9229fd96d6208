//! Every statement on `evaluation.figure_entry` and `evaluation.figure`.

use callout_casework::ids::{FigureEntryId, Id as _};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use callout_regulation::{Facts, calendar::CalendarPeriod};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::FigureEntry;
use crate::document;

/// Writes figures.
///
/// # Errors
/// [`Error::AlreadyExists`], naming the entry, when one of them is there for the month.
pub async fn insert(tx: &mut TenantTx, entry: &FigureEntry) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into evaluation.figure_entry
            (organization, figure_entry_id, card, person, month_on, in_window, state, document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        organization,
        entry.id.uuid(),
        entry.card,
        entry.person,
        entry.month_on.to_sqlx() as _,
        entry.in_window,
        entry.state.word(),
        document::write(entry)?,
        entry.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    let (names, values): (Vec<String>, Vec<Decimal>) =
        entry.figures.iter().map(|(figure, value)| (figure.clone(), *value)).unzip();
    let written = sqlx::query!(
        "insert into evaluation.figure (organization, figure_entry_id, card, person, month_on, figure, value)
         select $1, $2, $3, $4, $5, figure, value from unnest($6::text[], $7::numeric[]) as entered (figure, value)
             on conflict (organization, card, person, month_on, figure) where not withdrawn do nothing",
        organization,
        entry.id.uuid(),
        entry.card,
        entry.person,
        entry.month_on.to_sqlx() as _,
        &names,
        &values,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if usize::try_from(written.rows_affected()).is_ok_and(|written| written == names.len()) {
        return Ok(());
    }
    let there = sqlx::query_scalar!(
        "select figure_entry_id from evaluation.figure
          where organization = $1 and card = $2 and person = $3 and month_on = $4 and figure = any ($5) and not withdrawn
            and figure_entry_id <> $6
          order by figure limit 1",
        organization,
        entry.card,
        entry.person,
        entry.month_on.to_sqlx() as _,
        &names,
        entry.id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    let name = there.map(|id| FigureEntryId::from_uuid(id).name(&organization)).unwrap_or_default();
    Err(Error::AlreadyExists { name })
}

/// Writes where an entry that was locked stands; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it is not the version that was locked.
pub async fn save(tx: &mut TenantTx, entry: &mut FigureEntry) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update evaluation.figure_entry set state = $3, document = $4, version = version + 1
          where organization = $1 and figure_entry_id = $2 and version = $5",
        organization,
        entry.id.uuid(),
        entry.state.word(),
        document::write(entry)?,
        entry.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: entry.id.name(&organization) });
    }
    entry.version += 1;
    Ok(())
}

/// Makes room for other figures in place of those that were taken back.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn withdraw_figures(tx: &mut TenantTx, entry: &FigureEntry) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "update evaluation.figure set withdrawn = true where organization = $1 and figure_entry_id = $2",
        organization,
        entry.id.uuid(),
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Knows the figures of a period, each as the sum over its months of those that count.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn sum_up(
    tx: &mut TenantTx,
    card: &str,
    person: &str,
    period: CalendarPeriod,
    facts: &mut Facts,
) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let sums = sqlx::query!(
        r#"select figure, sum(value) as "sum!"
             from evaluation.figure join evaluation.figure_entry as entry using (organization, figure_entry_id)
            where figure.organization = $1 and figure.card = $2 and figure.person = $3
              and figure.month_on between $4 and $5
              and (entry.state = 'REVIEWED' or entry.state = 'ENTERED' and entry.in_window)
            group by figure"#,
        organization,
        card,
        person,
        period.first_on().to_sqlx() as _,
        period.last_on().to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    for row in sums {
        facts.set_figure(&row.figure, row.sum);
    }
    Ok(())
}

/// How many entries of a period count although nobody has looked them through.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn unreviewed(
    tx: &mut TenantTx,
    card: &str,
    person: &str,
    (first_on, last_on): (Date, Date),
) -> Result<Decimal, Error> {
    let organization = tx.organization_id().to_owned();
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from evaluation.figure_entry
            where organization = $1 and card = $2 and person = $3 and month_on between $4 and $5
              and state = 'ENTERED' and in_window"#,
        organization,
        card,
        person,
        first_on.to_sqlx() as _,
        last_on.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await
    .db()?;
    Ok(count.into())
}

/// Reads an entry, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: FigureEntryId) -> Result<FigureEntry, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select figure_entry_id, document, version from evaluation.figure_entry
          where organization = $1 and figure_entry_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads an entry.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: FigureEntryId) -> Result<FigureEntry, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select figure_entry_id, document, version from evaluation.figure_entry
          where organization = $1 and figure_entry_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of entries, the latest first; of one person or of all, of one month or of all.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(
    tx: &mut TenantTx,
    page: &Page<Uuid>,
    person: Option<&str>,
    month_on: Option<Date>,
) -> Result<Vec<FigureEntry>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select figure_entry_id, document, version from evaluation.figure_entry
          where organization = $1 and figure_entry_id < evaluation.page_before($2) and ($3::text is null or person = $3)
            and ($4::date is null or month_on = $4)
          order by figure_entry_id desc limit $5",
        organization,
        page.after().copied(),
        person,
        month_on.map(Date::to_sqlx) as _,
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    figure_entry_id: Uuid,
    document: serde_json::Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<FigureEntry, Error> {
        let entry: FigureEntry = document::read("figure_entry", self.figure_entry_id, self.document)?;
        Ok(FigureEntry { id: FigureEntryId::from_uuid(self.figure_entry_id), version: self.version, ..entry })
    }
}
