//! A person is employed.

use callout_casework::ids::{self, AppointmentId, Id as _};
use callout_contract::evaluation::v1 as pb;
use callout_journal::TenantTx;
use callout_kit::{Caller, Error, Violations, parse};

use super::{Appointment, Standing, store};
use crate::{Evaluation, decode};

/// Enters as what a person is employed from a day on.
///
/// # Errors
/// [`Error::AlreadyExists`] when another appointment of the person begins on that day.
pub async fn create(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateAppointmentRequest,
) -> Result<pb::Appointment, Error> {
    let organization = ids::organization(caller, "parent", &request.parent)?;
    let asked = request.appointment.unwrap_or_default();
    let mut violations = Violations::default();
    violations.at_most("appointment.person", &asked.person, decode::LONGEST_PERSON);
    violations.at_most("appointment.post", &asked.post, decode::LONGEST_PERSON);
    violations.at_most("appointment.unit", &asked.unit, decode::LONGEST_PERSON);
    let from_on = violations.take("appointment.from_on", parse::date(&asked.from_on));
    let standing = parse::enumeration::<pb::appointment::Standing>(asked.standing);
    let standing = violations.take("appointment.standing", standing).and_then(of_proto);
    let amount = |value: &str| if value.is_empty() { Ok(None) } else { parse::amount(value).map(Some) };
    let annual_salary = violations.take("appointment.annual_salary", amount(&asked.annual_salary)).flatten();
    let standard_pay = violations.take("appointment.standard_pay", amount(&asked.standard_pay)).flatten();
    let (Some(from_on), Some(standing), true) = (from_on, standing, violations.is_empty()) else {
        return Err(violations.into_error());
    };
    let appointment = Appointment {
        id: AppointmentId::new(tx.now()),
        person: asked.person,
        from_on,
        standing,
        post: asked.post,
        unit: asked.unit,
        leads: asked.leads,
        annual_salary,
        standard_pay,
        entered_by: caller.subject.clone(),
        created_at: tx.now(),
    };
    store::insert(tx, &appointment).await?;
    let answer = appointment.to_proto(organization);
    let now = tx.now();
    tx.audit_as(answer.name.clone(), now);
    Ok(answer)
}

const fn of_proto(standing: pb::appointment::Standing) -> Option<Standing> {
    match standing {
        pb::appointment::Standing::Unspecified => None,
        pb::appointment::Standing::Probation => Some(Standing::Probation),
        pb::appointment::Standing::Regular => Some(Standing::Regular),
        pb::appointment::Standing::Left => Some(Standing::Left),
    }
}
