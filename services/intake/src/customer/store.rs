//! Every statement on `intake.customer`.

use callout_casework::ids::{CustomerId, Id as _};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use uuid::Uuid;

use super::Customer;

/// Writes a new customer.
pub async fn insert(tx: &mut TenantTx, customer: &Customer) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into intake.customer (organization, customer_id, document, version) values ($1, $2, $3, $4)",
        organization,
        customer.id.uuid(),
        document(customer)?,
        customer.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Notes that a customer is one for life, which nothing takes back.
pub async fn enter_for_life(tx: &mut TenantTx, id: CustomerId) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "update intake.customer set document = document || '{\"for_life\": true}', version = version + 1
          where organization = $1 and customer_id = $2 and not (document ->> 'for_life')::boolean",
        organization,
        id.uuid(),
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Reads a customer.
pub async fn get(tx: &mut TenantTx, id: CustomerId) -> Result<Customer, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select customer_id, document, version from intake.customer where organization = $1 and customer_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads a customer, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: CustomerId) -> Result<Customer, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select customer_id, document, version from intake.customer
          where organization = $1 and customer_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Writes a customer that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it is not the version that was locked.
pub async fn save(tx: &mut TenantTx, customer: &mut Customer) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update intake.customer set document = $3, version = version + 1
          where organization = $1 and customer_id = $2 and version = $4",
        organization,
        customer.id.uuid(),
        document(customer)?,
        customer.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: customer.id.name(&organization) });
    }
    customer.version += 1;
    Ok(())
}

/// Refuses a customer that is not there.
///
/// # Errors
/// [`Error::NotFound`] with the customer's name.
pub async fn require(tx: &mut TenantTx, customer: Option<CustomerId>) -> Result<(), Error> {
    match customer {
        Some(id) => get(tx, id).await.map(|_| ()),
        None => Ok(()),
    }
}

/// A page of customers, the latest first.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>) -> Result<Vec<Customer>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select customer_id, document, version from intake.customer
          where organization = $1 and customer_id < intake.page_before($2)
          order by customer_id desc limit $3",
        organization,
        page.after().copied(),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    customer_id: Uuid,
    document: serde_json::Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Customer, Error> {
        let customer: Customer = crate::document("customer", self.customer_id, self.document)?;
        Ok(Customer { id: CustomerId::from_uuid(self.customer_id), version: self.version, ..customer })
    }
}

fn document(customer: &Customer) -> Result<serde_json::Value, Error> {
    serde_json::to_value(customer).map_err(|fault| Error::Internal(fault.into()))
}
