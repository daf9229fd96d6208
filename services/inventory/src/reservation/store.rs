//! Every statement on `inventory.reservation`.

use callout_casework::ids::{CaseId, Id, ItemId, ReservationId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Reservation, State};
use crate::document::broken;

/// The place of a reservation in the list of those that are not ended.
pub type Key = (Vec<Decimal>, Timestamp, Uuid);

/// Writes a new reservation.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(tx: &mut TenantTx, reservation: &Reservation) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into inventory.reservation
            (organization, reservation_id, item_id, case_id, quantity, urgent, state, rank, received_at, created_at,
             version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        organization,
        reservation.id.uuid(),
        reservation.item.uuid(),
        reservation.case.uuid(),
        reservation.quantity,
        reservation.urgent,
        reservation.state.word(),
        &reservation.rank,
        reservation.received_at.to_sqlx() as _,
        reservation.created_at.to_sqlx() as _,
        reservation.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Writes where a reservation that was locked stands; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it was not locked.
pub async fn save(tx: &mut TenantTx, reservation: &mut Reservation) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update inventory.reservation set state = $3, rank = $4, version = version + 1
          where organization = $1 and reservation_id = $2 and version = $5",
        organization,
        reservation.id.uuid(),
        reservation.state.word(),
        &reservation.rank,
        reservation.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: reservation.id.name(&organization) });
    }
    reservation.version += 1;
    Ok(())
}

/// The reservations of an item that are not ended, in the order in which they are served, held until the end of the
/// transaction.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn lock_queue(tx: &mut TenantTx, item: ItemId) -> Result<Vec<Reservation>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select reservation_id, item_id, case_id, quantity, urgent, state, rank as "rank: Vec<Decimal>",
                  received_at as "received_at: jiff_sqlx::Timestamp", created_at as "created_at: jiff_sqlx::Timestamp",
                  version
             from inventory.reservation where organization = $1 and item_id = $2 and state <> 'ENDED'
            order by rank, received_at, reservation_id for update"#,
        organization,
        item.uuid(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// The reservations of a case that are not ended, held until the end of the transaction.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn lock_of_case(tx: &mut TenantTx, case: CaseId) -> Result<Vec<Reservation>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select reservation_id, item_id, case_id, quantity, urgent, state, rank as "rank: Vec<Decimal>",
                  received_at as "received_at: jiff_sqlx::Timestamp", created_at as "created_at: jiff_sqlx::Timestamp",
                  version
             from inventory.reservation where organization = $1 and case_id = $2 and state <> 'ENDED'
            order by reservation_id for update"#,
        organization,
        case.uuid(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// How much of an item is allotted to reservations, those of one case left out.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn allotted(tx: &mut TenantTx, item: ItemId, but_for: Option<CaseId>) -> Result<Decimal, Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query_scalar!(
        r#"select coalesce(sum(quantity), 0) as "allotted!" from inventory.reservation
            where organization = $1 and item_id = $2 and state = 'ALLOTTED'
              and ($3::uuid is null or case_id <> $3)"#,
        organization,
        item.uuid(),
        but_for.map(Id::uuid),
    )
    .fetch_one(tx.conn())
    .await
    .db()
}

/// Reads a reservation.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: ReservationId) -> Result<Reservation, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select reservation_id, item_id, case_id, quantity, urgent, state, rank as "rank: Vec<Decimal>",
                  received_at as "received_at: jiff_sqlx::Timestamp", created_at as "created_at: jiff_sqlx::Timestamp",
                  version
             from inventory.reservation where organization = $1 and reservation_id = $2"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of the reservations that are not ended, of one item or of all, in the order in which they are served.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn page(tx: &mut TenantTx, page: &Page<Key>, item: Option<ItemId>) -> Result<Vec<Reservation>, Error> {
    let organization = tx.organization_id().to_owned();
    let (rank, received_at, id) = match page.after() {
        Some((rank, received_at, id)) => (Some(rank.as_slice()), Some(received_at.to_sqlx()), Some(*id)),
        None => (None, None, None),
    };
    let rows = sqlx::query_as!(
        Row,
        r#"select reservation_id, item_id, case_id, quantity, urgent, state, rank as "rank: Vec<Decimal>",
                  received_at as "received_at: jiff_sqlx::Timestamp", created_at as "created_at: jiff_sqlx::Timestamp",
                  version
             from inventory.reservation
            where organization = $1 and state <> 'ENDED' and ($2::uuid is null or item_id = $2)
              and (rank, received_at, reservation_id)
                > (inventory.page_after($3::numeric[]), inventory.page_after($4::timestamptz), inventory.page_after($5::uuid))
            order by rank, received_at, reservation_id limit $6"#,
        organization,
        item.map(Id::uuid),
        rank,
        received_at as _,
        id,
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    reservation_id: Uuid,
    item_id: Uuid,
    case_id: Uuid,
    quantity: Decimal,
    urgent: bool,
    state: String,
    rank: Vec<Decimal>,
    received_at: jiff_sqlx::Timestamp,
    created_at: jiff_sqlx::Timestamp,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Reservation, Error> {
        let state = State::from_word(&self.state)
            .ok_or_else(|| broken("reservation", self.reservation_id, anyhow::anyhow!("state {}", self.state)))?;
        Ok(Reservation {
            id: ReservationId::from_uuid(self.reservation_id),
            version: self.version,
            item: ItemId::from_uuid(self.item_id),
            quantity: self.quantity,
            case: CaseId::from_uuid(self.case_id),
            urgent: self.urgent,
            state,
            rank: self.rank,
            received_at: self.received_at.to_jiff(),
            created_at: self.created_at.to_jiff(),
        })
    }
}
