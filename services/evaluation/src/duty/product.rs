//! The products as intake tells of them, as far as routines count from their days.

use callout_casework::ids::{Id as _, ProductId};
use callout_contract::intake::v1 as pb;
use callout_journal::{DatabaseResult as _, TenantTx};
use callout_kit::{Error, parse};
use callout_regulation::{pack::Routine, vocabulary::Event};
use jiff::civil::Date;
use jiff_sqlx::{Date as SqlDate, ToSqlx as _};
use uuid::Uuid;

/// The days of a product that a routine may count from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// Which one.
    pub id: ProductId,
    /// When it was delivered.
    pub delivered_on: Option<Date>,
    /// When the user was trained, which is after the delivery.
    pub trained_on: Option<Date>,
    /// When the registration form was posted.
    pub registered_on: Option<Date>,
}

impl Product {
    /// What intake says of a product.
    ///
    /// # Errors
    /// [`Error::Internal`] for a name or a day that intake should have refused.
    pub fn of(product: &pb::Product) -> Result<Self, Error> {
        let wrong = |fault: callout_kit::Text| Error::Internal(anyhow::anyhow!("{}: {}", product.name, fault.en));
        let day = |text: &str| if text.is_empty() { Ok(None) } else { parse::date(text).map(Some).map_err(wrong) };
        let (_, id) = ProductId::parse(&product.name).map_err(wrong)?;
        Ok(Self {
            id,
            delivered_on: day(&product.delivered_on)?,
            trained_on: day(&product.trained_on)?,
            registered_on: day(&product.registered_on)?,
        })
    }

    /// The day from which a routine is counted for the first time: the latest of those that it names; none before all of
    /// them are on file. What else it names comes with the duties themselves, such as the last call.
    #[must_use]
    pub fn counts_from(&self, routine: &Routine) -> Option<Date> {
        let days = [
            (Event::Delivered, self.delivered_on.or(self.trained_on)),
            (Event::Trained, self.trained_on),
            (Event::Registered, self.registered_on),
        ];
        let named = days.into_iter().filter(|(event, _)| routine.from.contains(event));
        named.map(|(_, day)| day).collect::<Option<Vec<Date>>>()?.into_iter().max()
    }
}

/// Writes what is known of a product.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn put(tx: &mut TenantTx, product: &Product) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into evaluation.product (organization, product_id, delivered_on, trained_on, registered_on)
         values ($1, $2, $3, $4, $5)
             on conflict (organization, product_id) do update
            set delivered_on = excluded.delivered_on, trained_on = excluded.trained_on,
                registered_on = excluded.registered_on",
        organization,
        product.id.uuid(),
        product.delivered_on.map(Date::to_sqlx) as _,
        product.trained_on.map(Date::to_sqlx) as _,
        product.registered_on.map(Date::to_sqlx) as _,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Those of some products of which intake has not told yet.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn unknown(tx: &mut TenantTx, products: &[ProductId]) -> Result<Vec<ProductId>, Error> {
    let organization = tx.organization_id().to_owned();
    let wanted: Vec<Uuid> = products.iter().map(|product| product.uuid()).collect();
    let unknown = sqlx::query_scalar!(
        r#"select wanted as "wanted!" from unnest($2::uuid[]) as wanted
            where not exists (
                  select from evaluation.product p where p.organization = $1 and p.product_id = wanted)"#,
        organization,
        &wanted,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    Ok(unknown.into_iter().map(ProductId::from_uuid).collect())
}

/// The products for which a routine has had no duty yet, in the period that begins on a day or at all.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn without_duty(tx: &mut TenantTx, routine: &str, period: Option<Date>) -> Result<Vec<Product>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select product_id, delivered_on as "delivered_on: SqlDate", trained_on as "trained_on: SqlDate",
                  registered_on as "registered_on: SqlDate"
             from evaluation.product p
            where p.organization = $1 and not exists (
                  select from evaluation.duty d
                   where d.organization = $1 and d.routine = $2
                     and d.subject = 'organizations/' || $1 || '/products/' || p.product_id
                     and ($3::date is null or d.period_start_on = $3))
            order by product_id"#,
        organization,
        routine,
        period.map(Date::to_sqlx) as _,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    Ok(rows.into_iter().map(Product::from).collect())
}

struct Row {
    product_id: Uuid,
    delivered_on: Option<SqlDate>,
    trained_on: Option<SqlDate>,
    registered_on: Option<SqlDate>,
}

impl From<Row> for Product {
    fn from(row: Row) -> Self {
        Self {
            id: ProductId::from_uuid(row.product_id),
            delivered_on: row.delivered_on.map(SqlDate::to_jiff),
            trained_on: row.trained_on.map(SqlDate::to_jiff),
            registered_on: row.registered_on.map(SqlDate::to_jiff),
        }
    }
}

#[cfg(test)]
mod tests {
    use callout_regulation::Library;
    use jiff::civil::date;

    use super::*;

    fn product(delivered_on: Option<Date>, trained_on: Option<Date>) -> Product {
        Product { id: ProductId::from_uuid(Uuid::from_u128(1)), delivered_on, trained_on, registered_on: None }
    }

    #[test]
    fn a_routine_counts_from_the_latest_of_its_days_once_all_are_on_file() {
        let packs = Library::built_in().unwrap();
        let calls = &packs.named("R01-aerial-platforms@1").unwrap().pack().routines["follow_up_call"];
        let (delivered_on, trained_on) = (Some(date(2026, 1, 29)), Some(date(2026, 1, 31)));
        assert_eq!(product(None, None).counts_from(calls), None);
        assert_eq!(product(delivered_on, None).counts_from(calls), None);
        assert_eq!(product(delivered_on, trained_on).counts_from(calls), trained_on);
        // Who was trained on it has got it.
        assert_eq!(product(None, trained_on).counts_from(calls), trained_on);
    }

    #[test]
    fn a_day_that_intake_should_have_refused_is_a_fault() {
        let told = pb::Product {
            name: ProductId::from_uuid(Uuid::from_u128(1)).name("acme"),
            trained_on: "31 January".to_owned(),
            ..pb::Product::default()
        };
        assert!(matches!(Product::of(&told), Err(Error::Internal(_))));
    }
}
