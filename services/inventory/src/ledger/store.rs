//! Every statement on `inventory.movement`, and the balances that follow from it.

use callout_casework::ids::{Id, ItemId, MovementId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Account, Holding, Movement, Transfer};
use crate::{document::broken, place};

/// Writes a movement; the balances follow.
///
/// # Errors
/// [`Error::Internal`] when the account that it leaves does not have the quantity, and when the statement fails.
pub async fn insert(tx: &mut TenantTx, movement: &Movement) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let Transfer { item, quantity, from, to } = movement.transfer;
    sqlx::query!(
        "insert into inventory.movement
            (organization, movement_id, item_id, quantity, from_account, from_place_id, to_account, to_place_id, cause,
             occurred_at, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        organization,
        movement.id.uuid(),
        item.uuid(),
        quantity,
        from.word(),
        from.place().map(Id::uuid),
        to.word(),
        to.place().map(Id::uuid),
        movement.cause,
        movement.occurred_at.to_sqlx() as _,
        movement.recorded_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// What is on the accounts of an item.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn holdings(tx: &mut TenantTx, item: ItemId) -> Result<Vec<Holding>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query!(
        r#"select b.account, b.place_id, p.kind as "kind?", b.quantity
             from inventory.balance b
             left join inventory.place p on p.organization = b.organization and p.place_id = b.place_id
            where b.organization = $1 and b.item_id = $2"#,
        organization,
        item.uuid(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    let holding = |account: &str, place, kind: Option<&str>, quantity: Decimal| {
        let account = Account::of_columns(account, place)
            .ok_or_else(|| broken("balance", item.uuid(), anyhow::anyhow!("account {account} at {place:?}")))?;
        Ok(Holding { account, place_kind: kind.and_then(place::Kind::from_pack), quantity })
    };
    rows.iter().map(|row| holding(&row.account, row.place_id, row.kind.as_deref(), row.quantity)).collect()
}

/// Reads a movement.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: MovementId) -> Result<Movement, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select movement_id, item_id, quantity, from_account, from_place_id, to_account, to_place_id, cause,
                  occurred_at as "occurred_at: jiff_sqlx::Timestamp", recorded_at as "recorded_at: jiff_sqlx::Timestamp"
             from inventory.movement where organization = $1 and movement_id = $2"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of movements, of one item or of all, the latest first.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, item: Option<ItemId>) -> Result<Vec<Movement>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select movement_id, item_id, quantity, from_account, from_place_id, to_account, to_place_id, cause,
                  occurred_at as "occurred_at: jiff_sqlx::Timestamp", recorded_at as "recorded_at: jiff_sqlx::Timestamp"
             from inventory.movement
            where organization = $1 and movement_id < inventory.page_before($2) and ($3::uuid is null or item_id = $3)
            order by movement_id desc limit $4"#,
        organization,
        page.after().copied(),
        item.map(Id::uuid),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    movement_id: Uuid,
    item_id: Uuid,
    quantity: Decimal,
    from_account: String,
    from_place_id: Option<Uuid>,
    to_account: String,
    to_place_id: Option<Uuid>,
    cause: String,
    occurred_at: jiff_sqlx::Timestamp,
    recorded_at: jiff_sqlx::Timestamp,
}

impl Row {
    fn decode(self) -> Result<Movement, Error> {
        let account = |word: &str, place| {
            Account::of_columns(word, place)
                .ok_or_else(|| broken("movement", self.movement_id, anyhow::anyhow!("account {word} at {place:?}")))
        };
        Ok(Movement {
            id: MovementId::from_uuid(self.movement_id),
            transfer: Transfer {
                item: ItemId::from_uuid(self.item_id),
                quantity: self.quantity,
                from: account(&self.from_account, self.from_place_id)?,
                to: account(&self.to_account, self.to_place_id)?,
            },
            cause: self.cause,
            occurred_at: self.occurred_at.to_jiff(),
            recorded_at: self.recorded_at.to_jiff(),
        })
    }
}
