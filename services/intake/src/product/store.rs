//! Every statement on `intake.product`.

use callout_casework::{
    ids::{Id, ProductId},
    rehearse::{PAGE, Place, Rehearsal},
};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page, violates};
use callout_kit::Error;
use uuid::Uuid;

use super::Product;

/// Writes a new product.
pub async fn insert(tx: &mut TenantTx, product: &Product) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into intake.product (organization, product_id, serial, customer_id, document, version)
         values ($1, $2, $3, $4, $5, $6)",
        organization,
        product.id.uuid(),
        product.serial,
        product.customer.map(Id::uuid),
        document(product)?,
        product.version,
    )
    .execute(tx.conn())
    .await;
    match written {
        Err(fault) if violates(&fault, "product_serial") => Err(Error::AlreadyExists {
            name: format!("organizations/{organization}/products?serial={}", product.serial),
        }),
        written => written.db().map(drop),
    }
}

/// Writes a product that was locked; its version grows.
pub async fn save(tx: &mut TenantTx, product: &mut Product) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update intake.product set customer_id = $3, document = $4, version = version + 1
          where organization = $1 and product_id = $2 and version = $5",
        organization,
        product.id.uuid(),
        product.customer.map(Id::uuid),
        document(product)?,
        product.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: product.id.name(&organization) });
    }
    product.version += 1;
    Ok(())
}

/// Reads a product, and holds it until the end of the transaction.
pub async fn lock(tx: &mut TenantTx, id: ProductId) -> Result<Product, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select product_id, document, version from intake.product where organization = $1 and product_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads a product.
pub async fn get(tx: &mut TenantTx, id: ProductId) -> Result<Product, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select product_id, document, version from intake.product where organization = $1 and product_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of products, the latest first; of one customer, or of all.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, customer: Option<Uuid>) -> Result<Vec<Product>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select product_id, document, version from intake.product
          where organization = $1 and product_id < intake.page_before($2) and ($3::uuid is null or customer_id = $3)
          order by product_id desc limit $4",
        organization,
        page.after().copied(),
        customer,
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// Some of the products that were entered in the period of a rehearsal.
pub async fn entered_in(tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Vec<Product>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select product_id, document, version from intake.product
          where organization = $1 and product_id > $2 and product_id < $3 order by product_id limit $4",
        organization,
        place.after,
        rehearsal.end(),
        PAGE,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    product_id: Uuid,
    document: serde_json::Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Product, Error> {
        let product: Product = crate::document("product", self.product_id, self.document)?;
        Ok(Product { id: ProductId::from_uuid(self.product_id), version: self.version, ..product })
    }
}

fn document(product: &Product) -> Result<serde_json::Value, Error> {
    serde_json::to_value(product).map_err(|fault| Error::Internal(fault.into()))
}
