//! Every statement on `evaluation.loss` and `evaluation.loss_share`.

use callout_casework::ids::{Id as _, LossId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use callout_regulation::Owed;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Approved, Loss, Share, State};
use crate::document;

/// Writes a loss with its shares.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn insert(tx: &mut TenantTx, loss: &Loss) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into evaluation.loss (organization, loss_id, kind, subject, judged_on, amount, document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        organization,
        loss.id.uuid(),
        loss.kind,
        loss.subject,
        loss.stated.judged_on.to_sqlx() as _,
        loss.amount,
        document::write(loss)?,
        loss.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    for share in &loss.shares {
        sqlx::query!(
            "insert into evaluation.loss_share (organization, loss_id, person, amount) values ($1, $2, $3, $4)",
            organization,
            loss.id.uuid(),
            share.person,
            share.amount,
        )
        .execute(tx.conn())
        .await
        .db()?;
    }
    Ok(())
}

/// Writes that a loss which was locked was approved; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it is not the version that was locked.
pub async fn save(tx: &mut TenantTx, loss: &mut Loss) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let approved = loss.state.approved();
    let written = sqlx::query!(
        "update evaluation.loss set approved_at = $3, approved_by = $4, version = version + 1
          where organization = $1 and loss_id = $2 and version = $5",
        organization,
        loss.id.uuid(),
        approved.map(|approved| approved.at.to_sqlx()) as _,
        approved.map(|approved| approved.by.as_str()),
        loss.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: loss.id.name(&organization) });
    }
    loss.version += 1;
    Ok(())
}

/// A part of a loss that a person still owes, held until the end of the transaction.
#[derive(Clone, Debug)]
pub struct OwedShare {
    /// The loss.
    pub loss: LossId,
    /// What is owed of it.
    pub owed: Owed,
}

/// What a person still owes of losses of some kinds that were judged before a day, the earlier first.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn owed(
    tx: &mut TenantTx,
    person: &str,
    kinds: &[String],
    judged_before: Date,
) -> Result<Vec<OwedShare>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query!(
        r#"select loss_id, kind, (approved_at is not null) as "approved!", (part.amount - deducted) as "left!: Decimal"
             from evaluation.loss_share part join evaluation.loss loss using (organization, loss_id)
            where organization = $1 and person = $2 and deducted < part.amount and kind = any ($3) and judged_on < $4
            order by judged_on, loss_id for update of part"#,
        organization,
        person,
        kinds,
        judged_before.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    let share = |row: (Uuid, String, bool, Decimal)| {
        let (loss, kind, approved, amount) = (LossId::from_uuid(row.0), row.1, row.2, row.3);
        OwedShare { loss, owed: Owed { loss: loss.name(&organization), kind, approved, amount } }
    };
    Ok(rows.into_iter().map(|row| share((row.loss_id, row.kind, row.approved, row.left))).collect())
}

/// Notes that a part of somebody's share was deducted.
///
/// # Errors
/// [`Error::Internal`] when the statement fails, also for more than is owed.
pub async fn deduct(tx: &mut TenantTx, loss: LossId, person: &str, amount: Decimal) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "update evaluation.loss_share set deducted = deducted + $4
          where organization = $1 and loss_id = $2 and person = $3",
        organization,
        loss.uuid(),
        person,
        amount,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Reads a loss, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: LossId) -> Result<Loss, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select loss_id, document, version, approved_at as "approved_at: jiff_sqlx::Timestamp", approved_by
             from evaluation.loss where organization = $1 and loss_id = $2 for update"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    let loss = row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()?;
    Ok(with_deducted(tx, vec![loss]).await?.remove(0))
}

/// Reads a loss.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: LossId) -> Result<Loss, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select loss_id, document, version, approved_at as "approved_at: jiff_sqlx::Timestamp", approved_by
             from evaluation.loss where organization = $1 and loss_id = $2"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    let loss = row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()?;
    Ok(with_deducted(tx, vec![loss]).await?.remove(0))
}

/// A page of losses, the latest first; of one subject, or of all.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, subject: Option<&str>) -> Result<Vec<Loss>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select loss_id, document, version, approved_at as "approved_at: jiff_sqlx::Timestamp", approved_by
             from evaluation.loss
            where organization = $1 and loss_id < evaluation.page_before($2) and ($3::text is null or subject = $3)
            order by loss_id desc limit $4"#,
        organization,
        page.after().copied(),
        subject,
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    let losses = rows.into_iter().map(Row::decode).collect::<Result<Vec<_>, _>>()?;
    with_deducted(tx, losses).await
}

/// Losses with how much of each share was deducted.
async fn with_deducted(tx: &mut TenantTx, mut losses: Vec<Loss>) -> Result<Vec<Loss>, Error> {
    let organization = tx.organization_id().to_owned();
    let ids: Vec<Uuid> = losses.iter().map(|loss| loss.id.uuid()).collect();
    let rows = sqlx::query!(
        "select loss_id, person, deducted from evaluation.loss_share where organization = $1 and loss_id = any ($2)",
        organization,
        &ids,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    for loss in &mut losses {
        let id = loss.id.uuid();
        for Share { person, deducted, .. } in &mut loss.shares {
            let row = rows.iter().find(|row| row.loss_id == id && row.person == *person);
            *deducted = row.map(|row| row.deducted).unwrap_or_default();
        }
    }
    Ok(losses)
}

struct Row {
    loss_id: Uuid,
    document: serde_json::Value,
    version: i64,
    approved_at: Option<jiff_sqlx::Timestamp>,
    approved_by: Option<String>,
}

impl Row {
    fn decode(self) -> Result<Loss, Error> {
        let loss: Loss = document::read("loss", self.loss_id, self.document)?;
        let state = match (self.approved_at, self.approved_by) {
            (Some(at), Some(by)) => State::Approved(Approved { at: at.to_jiff(), by }),
            (Some(_) | None, Some(_) | None) => State::Assessed,
        };
        Ok(Loss { id: LossId::from_uuid(self.loss_id), version: self.version, state, ..loss })
    }
}
