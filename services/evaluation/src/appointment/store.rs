//! Every statement on `evaluation.appointment`.

use callout_casework::ids::{AppointmentId, Id as _};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::Appointment;
use crate::document;

/// Writes an appointment.
///
/// # Errors
/// [`Error::AlreadyExists`] when another one of the person begins on that day.
pub async fn insert(tx: &mut TenantTx, appointment: &Appointment) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into evaluation.appointment (organization, appointment_id, person, from_on, document)
         values ($1, $2, $3, $4, $5)
             on conflict on constraint appointment_begins do nothing",
        organization,
        appointment.id.uuid(),
        appointment.person,
        appointment.from_on.to_sqlx() as _,
        document::write(appointment)?,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() > 0 {
        return Ok(());
    }
    let there = on(tx, &appointment.person, appointment.from_on).await?;
    let name = there.map(|there| there.id.name(&organization)).unwrap_or_default();
    Err(Error::AlreadyExists { name })
}

/// The appointment of a person that is in force on a day, if any.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn on(tx: &mut TenantTx, person: &str, day: Date) -> Result<Option<Appointment>, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select appointment_id, document from evaluation.appointment
          where organization = $1 and person = $2 and from_on <= $3 order by from_on desc limit 1",
        organization,
        person,
        day.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.map(Row::decode).transpose()
}

/// Reads an appointment.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: AppointmentId) -> Result<Appointment, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select appointment_id, document from evaluation.appointment where organization = $1 and appointment_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of appointments, the latest entered first; of one person, or of all.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, person: Option<&str>) -> Result<Vec<Appointment>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select appointment_id, document from evaluation.appointment
          where organization = $1 and appointment_id < evaluation.page_before($2) and ($3::text is null or person = $3)
          order by appointment_id desc limit $4",
        organization,
        page.after().copied(),
        person,
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    appointment_id: Uuid,
    document: serde_json::Value,
}

impl Row {
    fn decode(self) -> Result<Appointment, Error> {
        let appointment: Appointment = document::read("appointment", self.appointment_id, self.document)?;
        Ok(Appointment { id: AppointmentId::from_uuid(self.appointment_id), ..appointment })
    }
}
