//! Appointments: as what a person is employed from a day on, until the next one begins.

use callout_casework::{
    ids::{AppointmentId, Id as _},
    money,
};
use callout_contract::evaluation::v1 as pb;
use callout_kit::parse;
use callout_regulation::{Facts, vocabulary::words};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub mod commands;
pub mod rpc;
pub mod store;

/// An appointment. Never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Appointment {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: AppointmentId,
    /// Who is employed.
    pub person: String,
    /// The first day of it.
    pub from_on: Date,
    /// How he is employed.
    pub standing: Standing,
    /// The post.
    pub post: String,
    /// The department, region or project.
    pub unit: String,
    /// Whether he leads it.
    pub leads: bool,
    /// The fixed salary of a year.
    pub annual_salary: Option<Decimal>,
    /// The standard performance pay of a year.
    pub standard_pay: Option<Decimal>,
    /// Who entered it.
    pub entered_by: String,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// How somebody is employed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// On probation.
    Probation,
    /// In regular employment.
    Regular,
    /// No longer.
    Left,
}

fn nobody() -> AppointmentId {
    AppointmentId::from_uuid(Uuid::nil())
}

impl Appointment {
    /// What a decision looks at.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::default()
            .with(words::PERSON_STANDING, self.standing.word())
            .with(words::PERSON_POST, self.post.as_str())
            .with(words::PERSON_UNIT, self.unit.as_str())
            .with(words::PERSON_LEADS, self.leads);
        if let Some(salary) = self.annual_salary {
            facts.set(words::PERSON_ANNUAL_SALARY, salary);
        }
        if let Some(pay) = self.standard_pay {
            facts.set(words::PERSON_STANDARD_PAY, pay);
        }
        facts
    }

    /// The appointment as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Appointment {
        pb::Appointment {
            name: self.id.name(organization),
            person: self.person.clone(),
            from_on: self.from_on.to_string(),
            standing: pb::appointment::Standing::from(self.standing).into(),
            post: self.post.clone(),
            unit: self.unit.clone(),
            leads: self.leads,
            annual_salary: self.annual_salary.map(money::written).unwrap_or_default(),
            standard_pay: self.standard_pay.map(money::written).unwrap_or_default(),
            entered_by: self.entered_by.clone(),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}

impl Standing {
    /// The word of the vocabulary.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Probation => "probation",
            Self::Regular => "regular",
            Self::Left => "left",
        }
    }
}

impl From<Standing> for pb::appointment::Standing {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Probation => Self::Probation,
            Standing::Regular => Self::Regular,
            Standing::Left => Self::Left,
        }
    }
}

/// What is known of a person on a day, by the appointment that is in force then; nothing while there is none.
///
/// # Errors
/// [`callout_kit::Error::Internal`] when the statement fails.
pub async fn facts_on(
    tx: &mut callout_journal::TenantTx,
    person: &str,
    day: Date,
) -> Result<Facts, callout_kit::Error> {
    let appointment = store::on(tx, person, day).await?;
    Ok(appointment.map(|appointment| appointment.facts()).unwrap_or_default())
}
