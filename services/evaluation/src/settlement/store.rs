//! Every statement on `evaluation.settlement`.

use callout_casework::ids::{AgreementId, Id as _, SettlementId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::civil::Date;
use jiff_sqlx::{Date as SqlDate, ToSqlx as _};
use uuid::Uuid;

use super::Settlement;
use crate::document;

/// The last settlement of a page: its agreement, the first day of its period.
pub type Key = (Uuid, Date);

/// Writes a new settlement.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(tx: &mut TenantTx, settlement: &Settlement, owner: Option<&str>) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into evaluation.settlement
            (organization, settlement_id, agreement_id, period_start_on, period_end_on, state, owner, score_due_at,
             document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        organization,
        settlement.id.uuid(),
        settlement.agreement.uuid(),
        settlement.first_on.to_sqlx() as _,
        settlement.last_on.to_sqlx() as _,
        settlement.state.word(),
        owner,
        settlement.score_due_at.to_sqlx() as _,
        document::write(settlement)?,
        settlement.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Writes a settlement that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it is not the version that was locked.
pub async fn save(tx: &mut TenantTx, settlement: &mut Settlement, owner: Option<&str>) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update evaluation.settlement
            set state = $3, owner = $4, score = $5, payment = $6, document = $7, version = version + 1
          where organization = $1 and settlement_id = $2 and version = $8",
        organization,
        settlement.id.uuid(),
        settlement.state.word(),
        owner,
        settlement.state.score().map(|score| score.result),
        settlement.state.payment().map(|payment| payment.paid),
        document::write(settlement)?,
        settlement.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: settlement.id.name(&organization) });
    }
    settlement.version += 1;
    Ok(())
}

/// Reads a settlement, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: SettlementId) -> Result<Settlement, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select settlement_id, document, version from evaluation.settlement
          where organization = $1 and settlement_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads a settlement.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: SettlementId) -> Result<Settlement, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select settlement_id, document, version from evaluation.settlement
          where organization = $1 and settlement_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// The settlements of an agreement in the order of their periods.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn of_agreement(tx: &mut TenantTx, agreement: AgreementId) -> Result<Vec<Settlement>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select settlement_id, document, version from evaluation.settlement
          where organization = $1 and agreement_id = $2 order by period_start_on",
        organization,
        agreement.uuid(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// A page of settlements: those of an agreement, or of all, in the order of their periods.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(
    tx: &mut TenantTx,
    page: &Page<Key>,
    agreement: Option<AgreementId>,
) -> Result<Vec<Settlement>, Error> {
    let organization = tx.organization_id().to_owned();
    let (after, after_day) = page.after().copied().unzip();
    let rows = sqlx::query_as!(
        Row,
        "select settlement_id, document, version from evaluation.settlement
          where organization = $1
            and (agreement_id, period_start_on) > (evaluation.page_after($2::uuid), evaluation.page_after($3::date))
            and ($4::uuid is null or agreement_id = $4)
          order by agreement_id, period_start_on limit $5",
        organization,
        after,
        after_day.map(Date::to_sqlx) as Option<SqlDate>,
        agreement.map(AgreementId::uuid),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    settlement_id: Uuid,
    document: serde_json::Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Settlement, Error> {
        let settlement: Settlement = document::read("settlement", self.settlement_id, self.document)?;
        Ok(Settlement { id: SettlementId::from_uuid(self.settlement_id), version: self.version, ..settlement })
    }
}
