//! Every statement on `intake.agreement`.

use callout_casework::ids::{CustomerAgreementId, CustomerId, Id, ProductId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page, violates};
use callout_kit::Error;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::Agreement;

/// Writes a new agreement.
///
/// # Errors
/// [`Error::AlreadyExists`] when one for the product has days in common with it.
pub async fn insert(tx: &mut TenantTx, agreement: &Agreement) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let other = sqlx::query_scalar!(
        "select agreement_id from intake.agreement
          where organization = $1 and product_id = $2 and starts_on <= $4 and ends_on >= $3 limit 1",
        organization,
        agreement.product.uuid(),
        agreement.starts_on.to_sqlx() as _,
        agreement.ends_on.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    if let Some(other) = other {
        return Err(Error::AlreadyExists { name: CustomerAgreementId::from_uuid(other).name(&organization) });
    }
    let written = sqlx::query!(
        "insert into intake.agreement
            (organization, agreement_id, customer_id, product_id, starts_on, ends_on, state, document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        organization,
        agreement.id.uuid(),
        agreement.customer.uuid(),
        agreement.product.uuid(),
        agreement.starts_on.to_sqlx() as _,
        agreement.ends_on.to_sqlx() as _,
        agreement.state.word(),
        document(agreement)?,
        agreement.version,
    )
    .execute(tx.conn())
    .await;
    match written {
        // Two callers at the same moment: the other one's is not visible here.
        Err(error) if violates(&error, "agreement_is_one") => Err(Error::AlreadyExists {
            name: format!("organizations/{organization}/{}", CustomerAgreementId::COLLECTION),
        }),
        written => written.db().map(drop),
    }
}

/// Writes an agreement that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it was not locked.
pub async fn save(tx: &mut TenantTx, agreement: &mut Agreement) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update intake.agreement set state = $3, document = $4, version = version + 1
          where organization = $1 and agreement_id = $2 and version = $5",
        organization,
        agreement.id.uuid(),
        agreement.state.word(),
        document(agreement)?,
        agreement.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: agreement.id.name(&organization) });
    }
    agreement.version += 1;
    Ok(())
}

/// Reads an agreement, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: CustomerAgreementId) -> Result<Agreement, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select agreement_id, document, version from intake.agreement
          where organization = $1 and agreement_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads an agreement.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: CustomerAgreementId) -> Result<Agreement, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select agreement_id, document, version from intake.agreement where organization = $1 and agreement_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Whether a product is under an agreement on a day.
pub async fn covers(tx: &mut TenantTx, product: ProductId, day: Date) -> Result<bool, Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query_scalar!(
        r#"select exists (
              select from intake.agreement
               where organization = $1 and product_id = $2 and $3 between starts_on and ends_on) as "covers!""#,
        organization,
        product.uuid(),
        day.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await
    .db()
}

/// A page of agreements, the latest first.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, customer: Option<CustomerId>) -> Result<Vec<Agreement>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select agreement_id, document, version from intake.agreement
          where organization = $1 and agreement_id < intake.page_before($2)
            and ($3::uuid is null or customer_id = $3)
          order by agreement_id desc limit $4",
        organization,
        page.after().copied(),
        customer.map(Id::uuid),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    agreement_id: Uuid,
    document: serde_json::Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Agreement, Error> {
        let agreement: Agreement = crate::document("agreement", self.agreement_id, self.document)?;
        Ok(Agreement { id: CustomerAgreementId::from_uuid(self.agreement_id), version: self.version, ..agreement })
    }
}

fn document(agreement: &Agreement) -> Result<serde_json::Value, Error> {
    serde_json::to_value(agreement).map_err(|fault| Error::Internal(fault.into()))
}
