//! Every statement on `dispatch.engineer`.

use callout_casework::ids::{AgencyId, EngineerId, Id as _};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::Engineer;

/// Writes a new engineer.
///
/// # Errors
/// [`Error::AlreadyExists`] when another one has his subject.
pub async fn insert(tx: &mut TenantTx, engineer: &Engineer) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into dispatch.engineer
            (organization, engineer_id, agency_id, display_name, subject, created_at, version)
         values ($1, $2, $3, $4, $5, $6, $7)
             on conflict on constraint engineer_subject do nothing",
        organization,
        engineer.id.uuid(),
        engineer.agency.map(callout_casework::ids::Id::uuid),
        engineer.display_name,
        engineer.subject,
        engineer.created_at.to_sqlx() as _,
        engineer.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 1 {
        return Ok(());
    }
    let other = sqlx::query_scalar!(
        "select engineer_id from dispatch.engineer where organization = $1 and subject = $2",
        organization,
        engineer.subject,
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    let name = match other {
        Some(id) => EngineerId::from_uuid(id).name(&organization),
        // He works for another company than the caller, who may not know him.
        None => format!("organizations/{organization}/{}", EngineerId::COLLECTION),
    };
    Err(Error::AlreadyExists { name })
}

/// Reads an engineer.
///
/// # Errors
/// [`Error::NotFound`] when the caller may see none of this id.
pub async fn get(tx: &mut TenantTx, id: EngineerId) -> Result<Engineer, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select engineer_id, agency_id, display_name, subject, created_at as "created_at: jiff_sqlx::Timestamp", version
             from dispatch.engineer where organization = $1 and engineer_id = $2"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.map(Engineer::from).ok_or_else(|| Error::NotFound { name: id.name(&organization) })
}

/// A page of engineers, the latest first.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>) -> Result<Vec<Engineer>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select engineer_id, agency_id, display_name, subject, created_at as "created_at: jiff_sqlx::Timestamp", version
             from dispatch.engineer
            where organization = $1 and ($2::uuid is null or engineer_id < $2)
            order by engineer_id desc limit $3"#,
        organization,
        page.after().copied(),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    Ok(rows.into_iter().map(Engineer::from).collect())
}

struct Row {
    engineer_id: Uuid,
    agency_id: Option<Uuid>,
    display_name: String,
    subject: String,
    created_at: jiff_sqlx::Timestamp,
    version: i64,
}

impl From<Row> for Engineer {
    fn from(row: Row) -> Self {
        Self {
            id: EngineerId::from_uuid(row.engineer_id),
            agency: row.agency_id.map(AgencyId::from_uuid),
            display_name: row.display_name,
            subject: row.subject,
            created_at: row.created_at.to_jiff(),
            version: row.version,
        }
    }
}
