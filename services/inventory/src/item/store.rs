//! Every statement on `inventory.item` and `inventory.item_price`.

use callout_casework::ids::{Id, ItemId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page, violates};
use callout_kit::{Error, Text};
use jiff::civil::Date;
use jiff_sqlx::{Date as SqlDate, ToSqlx as _};
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::{
    Item,
    price_list::{Price, PriceList},
};
use crate::document;

/// Writes a new item.
///
/// # Errors
/// [`Error::AlreadyExists`] with the item that has its code.
pub async fn insert(tx: &mut TenantTx, item: &Item) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into inventory.item (organization, item_id, code, document, version) values ($1, $2, $3, $4, $5)
             on conflict on constraint item_code do nothing",
        organization,
        item.id.uuid(),
        item.code,
        document::encode(item)?,
        item.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(exists(tx, &item.code).await?);
    }
    Ok(())
}

/// Writes an item that was locked; its version grows.
///
/// # Errors
/// [`Error::AlreadyExists`] when another item has its new code, [`Error::Stale`] when it was not locked.
pub async fn save(tx: &mut TenantTx, item: &mut Item) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update inventory.item set code = $3, document = $4, version = version + 1
          where organization = $1 and item_id = $2 and version = $5",
        organization,
        item.id.uuid(),
        item.code,
        document::encode(item)?,
        item.version,
    )
    .execute(tx.conn())
    .await;
    // The transaction is over: who has the code cannot be asked any more.
    if written.as_ref().is_err_and(|error| violates(error, "item_code")) {
        return Err(Error::AlreadyExists { name: item.code.clone() });
    }
    if written.db()?.rows_affected() == 0 {
        return Err(Error::Stale { name: item.id.name(&organization) });
    }
    item.version += 1;
    Ok(())
}

/// Writes the prices of an item in place of those that there are.
///
/// # Errors
/// [`Error::Invalid`] for two prices of a kind that are valid on the same day.
pub async fn replace_prices(tx: &mut TenantTx, item: &Item) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "delete from inventory.item_price where organization = $1 and item_id = $2",
        organization,
        item.id.uuid(),
    )
    .execute(tx.conn())
    .await
    .db()?;
    for price in item.prices.iter() {
        let written = sqlx::query!(
            "insert into inventory.item_price (organization, item_id, kind, amount, valid_from, valid_until)
             values ($1, $2, $3, $4, $5, $6)",
            organization,
            item.id.uuid(),
            price.kind,
            price.amount,
            price.valid_from.map(Date::to_sqlx) as _,
            price.valid_until.map(Date::to_sqlx) as _,
        )
        .execute(tx.conn())
        .await;
        if written.as_ref().is_err_and(|error| violates(error, "item_price_of_the_day")) {
            return Err(Error::invalid("item.price_list", twice(price)));
        }
        written.db()?;
    }
    Ok(())
}

fn twice(price: &Price) -> Text {
    let kind = &price.kind;
    let (from, until) = (price.valid_from.map(|day| day.to_string()), price.valid_until.map(|day| day.to_string()));
    Text::new(
        format!(
            "has another price `{kind}` for a day from {} to {}",
            from.as_deref().unwrap_or("ever"),
            until.as_deref().unwrap_or("no end"),
        ),
        format!(
            "价格 {kind} 在 {} 至 {} 之间重复",
            from.as_deref().unwrap_or("最初"),
            until.as_deref().unwrap_or("无限期"),
        ),
    )
}

/// Reads an item, and holds it until the end of the transaction: whatever changes how much of it is where holds it too.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: ItemId) -> Result<Item, Error> {
    let mut items = lock_all(tx, &[id]).await?;
    items.pop().ok_or_else(|| Error::NotFound { name: id.name(tx.organization_id()) })
}

/// The same for several, always in one order, so that two transactions do not wait for each other; those that are not
/// there are left out.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn lock_all(tx: &mut TenantTx, ids: &[ItemId]) -> Result<Vec<Item>, Error> {
    let organization = tx.organization_id().to_owned();
    let ids: Vec<Uuid> = ids.iter().copied().map(Id::uuid).collect();
    let rows = sqlx::query_as!(
        Row,
        "select item_id, document, version from inventory.item
          where organization = $1 and item_id = any ($2) order by item_id for no key update",
        organization,
        &ids,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    // Read after the rows are held: nobody changes their prices from here on.
    decode(tx, rows).await
}

/// Reads an item.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: ItemId) -> Result<Item, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select item_id, document, version from inventory.item where organization = $1 and item_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    let row = row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?;
    let mut items = decode(tx, vec![row]).await?;
    items.pop().ok_or_else(|| Error::NotFound { name: id.name(&organization) })
}

/// A page of items, the latest first.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>) -> Result<Vec<Item>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select item_id, document, version from inventory.item
          where organization = $1 and item_id < inventory.page_before($2)
          order by item_id desc limit $3",
        organization,
        page.after().copied(),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    decode(tx, rows).await
}

async fn exists(tx: &mut TenantTx, code: &str) -> Result<Error, Error> {
    let organization = tx.organization_id().to_owned();
    let id = sqlx::query_scalar!(
        "select item_id from inventory.item where organization = $1 and code = $2",
        organization,
        code,
    )
    .fetch_one(tx.conn())
    .await
    .db()?;
    Ok(Error::AlreadyExists { name: ItemId::from_uuid(id).name(&organization) })
}

struct Row {
    item_id: Uuid,
    document: Value,
    version: i64,
}

/// The items of rows, with their prices, in the order of the rows.
async fn decode(tx: &mut TenantTx, rows: Vec<Row>) -> Result<Vec<Item>, Error> {
    let organization = tx.organization_id().to_owned();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.item_id).collect();
    let prices = sqlx::query_as!(
        PriceRow,
        r#"select item_id, kind, amount, valid_from as "valid_from: SqlDate", valid_until as "valid_until: SqlDate"
             from inventory.item_price where organization = $1 and item_id = any ($2)"#,
        organization,
        &ids,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    let item = |row: Row| {
        let item: Item = document::decode("item", row.item_id, row.document)?;
        let its = prices.iter().filter(|price| price.item_id == row.item_id).map(PriceRow::decode).collect();
        Ok(Item { version: row.version, prices: PriceList::new(its), ..item })
    };
    rows.into_iter().map(item).collect()
}

struct PriceRow {
    item_id: Uuid,
    kind: String,
    amount: Decimal,
    valid_from: Option<SqlDate>,
    valid_until: Option<SqlDate>,
}

impl PriceRow {
    fn decode(&self) -> Price {
        Price {
            kind: self.kind.clone(),
            amount: self.amount,
            valid_from: self.valid_from.map(SqlDate::to_jiff),
            valid_until: self.valid_until.map(SqlDate::to_jiff),
        }
    }
}
