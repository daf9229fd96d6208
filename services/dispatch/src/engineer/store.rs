//! Every statement on `dispatch.engineer` and `dispatch.certificate`.

use std::collections::BTreeMap;

use callout_casework::ids::{AgencyId, EngineerId, Id as _};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::{Certificate, Engineer};

/// Writes a new engineer.
///
/// # Errors
/// [`Error::AlreadyExists`] when another one has his subject.
pub async fn insert(tx: &mut TenantTx, engineer: &Engineer) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into dispatch.engineer
            (organization, engineer_id, agency_id, display_name, subject, created_at, version, roles)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict on constraint engineer_subject do nothing",
        organization,
        engineer.id.uuid(),
        engineer.agency.map(callout_casework::ids::Id::uuid),
        engineer.display_name,
        engineer.subject,
        engineer.created_at.to_sqlx() as _,
        engineer.version,
        &engineer.roles,
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
        r#"select engineer_id, agency_id, display_name, subject, created_at as "created_at: jiff_sqlx::Timestamp", version,
                  roles
             from dispatch.engineer where organization = $1 and engineer_id = $2"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    let row = row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?;
    with_certificates(tx, vec![row])
        .await?
        .pop()
        .ok_or_else(|| Error::Internal(anyhow::anyhow!("an engineer became none")))
}

/// A page of engineers, the latest first.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>) -> Result<Vec<Engineer>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select engineer_id, agency_id, display_name, subject, created_at as "created_at: jiff_sqlx::Timestamp", version,
                  roles
             from dispatch.engineer
            where organization = $1 and engineer_id < dispatch.page_before($2)
            order by engineer_id desc limit $3"#,
        organization,
        page.after().copied(),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    with_certificates(tx, rows).await
}

/// Writes a new certificate.
pub async fn insert_certificate(
    tx: &mut TenantTx,
    engineer: &Engineer,
    certificate: &Certificate,
) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into dispatch.certificate
            (organization, certificate_id, engineer_id, agency_id, kind, number, valid_from, valid_to, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        organization,
        certificate.id,
        certificate.engineer.uuid(),
        engineer.agency.map(callout_casework::ids::Id::uuid),
        certificate.kind,
        certificate.number,
        certificate.valid_from.to_sqlx() as _,
        certificate.valid_to.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
        certificate.created_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// The certificates of engineers, in the order in which they were entered.
pub async fn certificates(tx: &mut TenantTx, engineers: &[Uuid]) -> Result<Vec<Certificate>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query!(
        r#"select certificate_id, engineer_id, kind, number, valid_from as "valid_from: jiff_sqlx::Date",
                  valid_to as "valid_to: jiff_sqlx::Date", created_at as "created_at: jiff_sqlx::Timestamp"
             from dispatch.certificate where organization = $1 and engineer_id = any ($2) order by certificate_id"#,
        organization,
        engineers,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    let certificates = rows.into_iter().map(|row| Certificate {
        id: row.certificate_id,
        engineer: EngineerId::from_uuid(row.engineer_id),
        kind: row.kind,
        number: row.number,
        valid_from: row.valid_from.to_jiff(),
        valid_to: row.valid_to.map(jiff_sqlx::Date::to_jiff),
        created_at: row.created_at.to_jiff(),
    });
    Ok(certificates.collect())
}

/// The roles in which engineers go; of those that the caller may not see, none.
pub async fn roles(tx: &mut TenantTx, engineers: &[Uuid]) -> Result<BTreeMap<EngineerId, Vec<String>>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query!(
        "select engineer_id, roles from dispatch.engineer where organization = $1 and engineer_id = any ($2)",
        organization,
        engineers,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    Ok(rows.into_iter().map(|row| (EngineerId::from_uuid(row.engineer_id), row.roles)).collect())
}

async fn with_certificates(tx: &mut TenantTx, rows: Vec<Row>) -> Result<Vec<Engineer>, Error> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.engineer_id).collect();
    let held = certificates(tx, &ids).await?;
    let of = |row: Row| {
        let id = EngineerId::from_uuid(row.engineer_id);
        row.decode(held.iter().filter(|held| held.engineer == id).cloned().collect())
    };
    Ok(rows.into_iter().map(of).collect())
}

struct Row {
    engineer_id: Uuid,
    agency_id: Option<Uuid>,
    display_name: String,
    subject: String,
    created_at: jiff_sqlx::Timestamp,
    version: i64,
    roles: Vec<String>,
}

impl Row {
    fn decode(self, certificates: Vec<Certificate>) -> Engineer {
        Engineer {
            id: EngineerId::from_uuid(self.engineer_id),
            agency: self.agency_id.map(AgencyId::from_uuid),
            display_name: self.display_name,
            subject: self.subject,
            roles: self.roles,
            certificates,
            created_at: self.created_at.to_jiff(),
            version: self.version,
        }
    }
}
