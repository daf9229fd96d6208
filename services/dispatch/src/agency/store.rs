//! Every statement on `dispatch.agency`.

use callout_casework::ids::{AgencyId, Id as _};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::Agency;

/// Writes a new agency.
pub async fn insert(tx: &mut TenantTx, agency: &Agency) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into dispatch.agency (organization, agency_id, display_name, party, created_at, version)
         values ($1, $2, $3, $4, $5, $6)",
        organization,
        agency.id.uuid(),
        agency.display_name,
        agency.party,
        agency.created_at.to_sqlx() as _,
        agency.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Reads an agency.
///
/// # Errors
/// [`Error::NotFound`] when the caller may see none of this id.
pub async fn get(tx: &mut TenantTx, id: AgencyId) -> Result<Agency, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select agency_id, display_name, party, created_at as "created_at: jiff_sqlx::Timestamp", version
             from dispatch.agency where organization = $1 and agency_id = $2"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.map(Agency::from).ok_or_else(|| Error::NotFound { name: id.name(&organization) })
}

/// A page of agencies, the latest first.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>) -> Result<Vec<Agency>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select agency_id, display_name, party, created_at as "created_at: jiff_sqlx::Timestamp", version
             from dispatch.agency
            where organization = $1 and agency_id < dispatch.page_before($2)
            order by agency_id desc limit $3"#,
        organization,
        page.after().copied(),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    Ok(rows.into_iter().map(Agency::from).collect())
}

struct Row {
    agency_id: Uuid,
    display_name: String,
    party: String,
    created_at: jiff_sqlx::Timestamp,
    version: i64,
}

impl From<Row> for Agency {
    fn from(row: Row) -> Self {
        Self {
            id: AgencyId::from_uuid(row.agency_id),
            display_name: row.display_name,
            party: row.party,
            created_at: row.created_at.to_jiff(),
            version: row.version,
        }
    }
}
