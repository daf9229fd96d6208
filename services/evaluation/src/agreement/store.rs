//! Every statement on `evaluation.agreement`.

use callout_casework::ids::{AgreementId, Id as _, ProductId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page, violates};
use callout_kit::{Error, Text};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::Agreement;
use crate::document;

/// Writes a new agreement with the machines that it names.
///
/// # Errors
/// [`Error::Invalid`] when another agreement of the kind covers its contractor or one of its machines in that time.
pub async fn insert(tx: &mut TenantTx, agreement: &Agreement) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into evaluation.agreement
            (organization, agreement_id, kind, contractor, starts_on, ends_on, covers_all, state, document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        organization,
        agreement.id.uuid(),
        agreement.kind,
        agreement.contractor,
        agreement.starts_on.to_sqlx() as _,
        agreement.ends_on.to_sqlx() as _,
        agreement.products.is_empty(),
        agreement.state.word(),
        document::write(agreement)?,
        agreement.version,
    )
    .execute(tx.conn())
    .await;
    if let Err(fault) = &written
        && violates(fault, "agreement_of_contractor")
    {
        let fault =
            Text::new("the contractor has an agreement of this kind in that time", "该单位在此期间已有同类合同");
        return Err(Error::invalid("agreement.starts_on", fault));
    }
    written.db()?;
    let products: Vec<Uuid> = agreement.products.iter().map(|product| product.uuid()).collect();
    let written = sqlx::query!(
        "insert into evaluation.agreement_product (organization, agreement_id, product_id, kind, starts_on, ends_on)
         select $1, $2, product_id, $4, $5, $6 from unnest($3::uuid[]) as product_id",
        organization,
        agreement.id.uuid(),
        &products,
        agreement.kind,
        agreement.starts_on.to_sqlx() as _,
        agreement.ends_on.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await;
    if let Err(fault) = &written
        && violates(fault, "agreement_product_once")
    {
        let fault =
            Text::new("an agreement of this kind covers one of them in that time", "其中有设备在此期间已有同类合同");
        return Err(Error::invalid("agreement.products", fault));
    }
    written.db()?;
    Ok(())
}

/// Writes an agreement that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it is not the version that was locked.
pub async fn save(tx: &mut TenantTx, agreement: &mut Agreement) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update evaluation.agreement
            set ends_on = $3, state = $4, document = $5, version = version + 1
          where organization = $1 and agreement_id = $2 and version = $6",
        organization,
        agreement.id.uuid(),
        agreement.ends_on.to_sqlx() as _,
        agreement.state.word(),
        document::write(agreement)?,
        agreement.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: agreement.id.name(&organization) });
    }
    sqlx::query!(
        "update evaluation.agreement_product set ends_on = $3
          where organization = $1 and agreement_id = $2 and ends_on <> $3",
        organization,
        agreement.id.uuid(),
        agreement.ends_on.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await
    .db()?;
    agreement.version += 1;
    Ok(())
}

/// Reads an agreement, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: AgreementId) -> Result<Agreement, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select agreement_id, document, version from evaluation.agreement
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
pub async fn get(tx: &mut TenantTx, id: AgreementId) -> Result<Agreement, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select agreement_id, document, version from evaluation.agreement
          where organization = $1 and agreement_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// The agreements that cover a machine on a day; without a machine, those that cover every one.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn covering(tx: &mut TenantTx, product: Option<ProductId>, day: Date) -> Result<Vec<AgreementId>, Error> {
    let organization = tx.organization_id().to_owned();
    let ids = sqlx::query_scalar!(
        "select agreement_id from evaluation.agreement a
          where organization = $1 and starts_on <= $3 and $3 <= ends_on
            and (covers_all or exists (
                select from evaluation.agreement_product p
                 where p.organization = $1 and p.agreement_id = a.agreement_id and p.product_id = $2))
          order by agreement_id",
        organization,
        product.map(ProductId::uuid),
        day.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    Ok(ids.into_iter().map(AgreementId::from_uuid).collect())
}

/// What a page is asked for: each absent one means all.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// With this contractor.
    pub contractor: Option<&'a str>,
    /// Of this kind.
    pub kind: Option<&'a str>,
}

/// A page of agreements, the latest first.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, wanted: Wanted<'_>) -> Result<Vec<Agreement>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select agreement_id, document, version from evaluation.agreement
          where organization = $1 and agreement_id < evaluation.page_before($2)
            and ($3::text is null or contractor = $3) and ($4::text is null or kind = $4)
          order by agreement_id desc limit $5",
        organization,
        page.after().copied(),
        wanted.contractor,
        wanted.kind,
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
        let agreement: Agreement = document::read("agreement", self.agreement_id, self.document)?;
        Ok(Agreement { id: AgreementId::from_uuid(self.agreement_id), version: self.version, ..agreement })
    }
}
