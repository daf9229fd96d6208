//! Every statement on `evaluation.volume`.

use callout_casework::ids::{Id as _, VolumeId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::Volume;
use crate::document;

/// Writes a new volume; false when its period is bound already.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(tx: &mut TenantTx, volume: &Volume) -> Result<bool, Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into evaluation.volume
            (organization, volume_id, kept, period_start_on, period_end_on, keep_until, state, document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict on constraint volume_of_period do nothing",
        organization,
        volume.id.uuid(),
        volume.kept,
        volume.first_on.to_sqlx() as _,
        volume.last_on.to_sqlx() as _,
        volume.keep_until.map(Date::to_sqlx) as _,
        volume.state.word(),
        document::write(volume)?,
        volume.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(written.rows_affected() > 0)
}

/// Writes a volume that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it is not the version that was locked.
pub async fn save(tx: &mut TenantTx, volume: &mut Volume) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update evaluation.volume set state = $3, document = $4, version = version + 1
          where organization = $1 and volume_id = $2 and version = $5",
        organization,
        volume.id.uuid(),
        volume.state.word(),
        document::write(volume)?,
        volume.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: volume.id.name(&organization) });
    }
    volume.version += 1;
    Ok(())
}

/// The volume of a period.
///
/// # Errors
/// [`Error::Internal`] when there is none.
pub async fn of_period(tx: &mut TenantTx, kept: &str, first_on: Date) -> Result<VolumeId, Error> {
    let organization = tx.organization_id().to_owned();
    let id = sqlx::query_scalar!(
        "select volume_id from evaluation.volume where organization = $1 and kept = $2 and period_start_on = $3",
        organization,
        kept,
        first_on.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await
    .db()?;
    Ok(VolumeId::from_uuid(id))
}

/// Reads a volume, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: VolumeId) -> Result<Volume, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select volume_id, document, version from evaluation.volume
          where organization = $1 and volume_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads a volume.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: VolumeId) -> Result<Volume, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select volume_id, document, version from evaluation.volume where organization = $1 and volume_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of volumes, the latest first; of one kind, or of all.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, kept: Option<&str>) -> Result<Vec<Volume>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select volume_id, document, version from evaluation.volume
          where organization = $1 and volume_id < evaluation.page_before($2) and ($3::text is null or kept = $3)
          order by volume_id desc limit $4",
        organization,
        page.after().copied(),
        kept,
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    volume_id: Uuid,
    document: serde_json::Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Volume, Error> {
        let volume: Volume = document::read("volume", self.volume_id, self.document)?;
        Ok(Volume { id: VolumeId::from_uuid(self.volume_id), version: self.version, ..volume })
    }
}
