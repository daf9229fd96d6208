//! The customers as intake tells of them, as far as something is due for them.

use callout_casework::ids::{CustomerId, Id as _};
use callout_contract::intake::v1 as pb;
use callout_journal::{DatabaseResult as _, TenantTx};
use callout_kit::Error;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

/// A customer for whom something may be due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Which one.
    pub id: CustomerId,
    /// The subject of the person in charge of him; empty for nobody.
    pub person_in_charge: String,
}

impl Customer {
    /// What intake says of a customer.
    ///
    /// # Errors
    /// [`Error::Internal`] for a name that is none.
    pub fn of(customer: &pb::Customer) -> Result<Self, Error> {
        let wrong = |fault: callout_kit::Text| Error::Internal(anyhow::anyhow!("{}: {}", customer.name, fault.en));
        let (_, id) = CustomerId::parse(&customer.name).map_err(wrong)?;
        Ok(Self { id, person_in_charge: customer.person_in_charge.clone() })
    }
}

/// Writes what is known of a customer.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn put(tx: &mut TenantTx, customer: &Customer) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into evaluation.customer (organization, customer_id, person_in_charge) values ($1, $2, $3)
             on conflict (organization, customer_id) do update set person_in_charge = excluded.person_in_charge",
        organization,
        customer.id.uuid(),
        customer.person_in_charge,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// The customers for whom a routine has had no duty yet in the period that begins on a day.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn without_duty(tx: &mut TenantTx, routine: &str, period: Date) -> Result<Vec<Customer>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select customer_id, person_in_charge
           from evaluation.customer c
          where c.organization = $1 and not exists (
                select from evaluation.duty d
                 where d.organization = $1 and d.routine = $2 and d.period_start_on = $3
                   and d.subject = 'organizations/' || $1 || '/customers/' || c.customer_id)
          order by customer_id",
        organization,
        routine,
        period.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    Ok(rows.into_iter().map(Customer::from).collect())
}

struct Row {
    customer_id: Uuid,
    person_in_charge: String,
}

impl From<Row> for Customer {
    fn from(row: Row) -> Self {
        Self { id: CustomerId::from_uuid(row.customer_id), person_in_charge: row.person_in_charge }
    }
}
