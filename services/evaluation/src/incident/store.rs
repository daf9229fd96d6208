//! Every statement on `evaluation.incident`.

use callout_casework::ids::{AgreementId, Id as _, IncidentId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use uuid::Uuid;

use super::{Incident, Miss};
use crate::document;

/// Writes a new incident; false when the miss of a limit that it follows from has it already.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(tx: &mut TenantTx, incident: &Incident) -> Result<bool, Error> {
    let organization = tx.organization_id().to_owned();
    let miss = incident.miss.as_ref();
    let written = sqlx::query!(
        "insert into evaluation.incident
            (organization, incident_id, agreement_id, kind, state, trigger, trigger_subject, trigger_miss, document,
             version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict do nothing",
        organization,
        incident.id.uuid(),
        incident.agreement.uuid(),
        incident.kind,
        incident.state.word(),
        miss.map(|miss| miss.trigger.as_str()),
        miss.map(|miss| miss.subject.as_str()),
        miss.map(|miss| miss.number),
        document::write(incident)?,
        incident.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(written.rows_affected() > 0)
}

/// The incidents that followed from the miss of a limit.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn of_miss(tx: &mut TenantTx, miss: &Miss) -> Result<Vec<Incident>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select incident_id, document, version from evaluation.incident
          where organization = $1 and trigger = $2 and trigger_subject = $3 and trigger_miss = $4
          order by incident_id",
        organization,
        miss.trigger,
        miss.subject,
        miss.number,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// Writes an incident that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it is not the version that was locked.
pub async fn save(tx: &mut TenantTx, incident: &mut Incident) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update evaluation.incident set state = $3, document = $4, version = version + 1
          where organization = $1 and incident_id = $2 and version = $5",
        organization,
        incident.id.uuid(),
        incident.state.word(),
        document::write(incident)?,
        incident.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: incident.id.name(&organization) });
    }
    incident.version += 1;
    Ok(())
}

/// Reads an incident, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: IncidentId) -> Result<Incident, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select incident_id, document, version from evaluation.incident
          where organization = $1 and incident_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads an incident.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: IncidentId) -> Result<Incident, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select incident_id, document, version from evaluation.incident
          where organization = $1 and incident_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// The incidents of an agreement in the order in which they were entered.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn of_agreement(tx: &mut TenantTx, agreement: AgreementId) -> Result<Vec<Incident>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select incident_id, document, version from evaluation.incident
          where organization = $1 and agreement_id = $2 order by incident_id",
        organization,
        agreement.uuid(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// What a page is asked for: each absent one means all.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Under this agreement.
    pub agreement: Option<AgreementId>,
    /// Of this kind.
    pub kind: Option<&'a str>,
}

/// A page of incidents, the latest first.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, wanted: Wanted<'_>) -> Result<Vec<Incident>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select incident_id, document, version from evaluation.incident
          where organization = $1 and incident_id < evaluation.page_before($2)
            and ($3::uuid is null or agreement_id = $3) and ($4::text is null or kind = $4)
          order by incident_id desc limit $5",
        organization,
        page.after().copied(),
        wanted.agreement.map(AgreementId::uuid),
        wanted.kind,
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    incident_id: Uuid,
    document: serde_json::Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Incident, Error> {
        let incident: Incident = document::read("incident", self.incident_id, self.document)?;
        Ok(Incident { id: IncidentId::from_uuid(self.incident_id), version: self.version, ..incident })
    }
}
