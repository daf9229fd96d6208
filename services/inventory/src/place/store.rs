//! Every statement on `inventory.place`.

use callout_casework::ids::{Id as _, PlaceId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use serde_json::Value;
use uuid::Uuid;

use super::{Kind, Place};
use crate::document;

/// Writes a new place.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(tx: &mut TenantTx, place: &Place) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into inventory.place (organization, place_id, kind, document, version) values ($1, $2, $3, $4, $5)",
        organization,
        place.id.uuid(),
        place.kind.word(),
        document::encode(place)?,
        place.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Reads a place.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: PlaceId) -> Result<Place, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select place_id, document, version from inventory.place where organization = $1 and place_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// The place of a kind that was entered first; none when there is none of it.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn first_of(tx: &mut TenantTx, kind: Kind) -> Result<Option<Place>, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select place_id, document, version from inventory.place
          where organization = $1 and kind = $2 order by place_id limit 1",
        organization,
        kind.word(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.map(Row::decode).transpose()
}

/// A page of places, the latest first.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>) -> Result<Vec<Place>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select place_id, document, version from inventory.place
          where organization = $1 and place_id < inventory.page_before($2)
          order by place_id desc limit $3",
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
    place_id: Uuid,
    document: Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Place, Error> {
        let place: Place = document::decode("place", self.place_id, self.document)?;
        Ok(Place { version: self.version, ..place })
    }
}
