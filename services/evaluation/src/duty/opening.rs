//! Duties are opened: by what intake tells, by the beginning of a period, by the one before that was done.

use std::sync::Arc;

use callout_casework::{
    Settings,
    ids::{DutyId, Id as _},
};
use callout_journal::{TenantTx, timers};
use callout_kit::{Error, parse};
use callout_regulation::{
    Regulation, RoutineDue, Undecided,
    calendar::{self, Calendar, CalendarPeriod, Holidays},
    pack::Routine,
    vocabulary::{Service, Subject},
};
use jiff::{SignedDuration, Timestamp};

use super::{
    Days, Duty, State,
    customer::{self, Customer},
    product::{self, Product},
    store,
};
use crate::Evaluation;

/// The kind of timer that opens what falls due in a new period, or under a regulation that is in force from then on.
pub const OPEN: &str = "routines";

/// The kind of timer that tells of a duty that has become overdue.
pub const OVERDUE: &str = "duty_overdue";

/// The last second that is in time; the next one is late.
const A_SECOND: SignedDuration = SignedDuration::from_secs(1);

/// The routines in force in the organisation of a transaction, and how its time is counted.
struct Routines {
    regulation: Arc<Regulation>,
    holidays: Holidays,
    calendar: Calendar,
}

impl Routines {
    /// Those in force now; none while the organisation has adopted no regulation.
    fn in_force(evaluation: &Evaluation, tx: &TenantTx) -> Result<Option<Self>, Error> {
        let settings = Settings::of(tx)?;
        let regulation = match settings.regulation_at(&evaluation.host.library, tx.now()) {
            Ok(regulation) => regulation,
            Err(Error::SettingMissing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let holidays = settings.holidays()?;
        let calendar = regulation.calendar(&holidays);
        Ok(Some(Self { regulation, holidays, calendar }))
    }

    /// The routines that evaluation sees to, each by its id.
    fn iter(&self) -> impl Iterator<Item = (&str, &Routine)> {
        self.regulation.routines(Service::Evaluation)
    }

    /// The duty of a period in which `now` lies, for a subject.
    fn in_period(&self, id: &str, routine: &Routine, subject: &str, now: Timestamp) -> Result<Option<Duty>, Error> {
        let Some(kind) = routine.period else { return Ok(None) };
        let period = self.calendar.period(kind, now).map_err(uncounted)?;
        let days = Days { first: period.first_on(), last: period.last_on() };
        let starts_at = self.calendar.period_starts_at(period).map_err(uncounted)?;
        let duty = self.counted(id, routine, subject, starts_at, now)?;
        Ok(duty.map(|duty| Duty { period: Some(days), ..duty }))
    }

    /// The duty of this period for a customer: of the person in charge of him, where the routine is his alone.
    fn of_customer(
        &self,
        (id, routine): (&str, &Routine),
        customer: &Customer,
        tx: &TenantTx,
    ) -> Result<Option<Duty>, Error> {
        let subject = customer.id.name(tx.organization_id());
        let person = if routine.person_in_charge { customer.person_in_charge.clone() } else { String::new() };
        Ok(self.in_period(id, routine, &subject, tx.now())?.map(|duty| Duty { person, ..duty }))
    }

    /// The duty of a subject whose time is counted from `since`; none when the regulation has no such routine.
    fn counted(
        &self,
        id: &str,
        routine: &Routine,
        subject: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Duty>, Error> {
        let Some(due) = self.regulation.routine_due(id, since, &self.holidays) else { return Ok(None) };
        let RoutineDue { due_at, explanation, .. } = due.map_err(undecided)?;
        Ok(Some(Duty {
            id: DutyId::new(now),
            version: 1,
            routine: id.to_owned(),
            subject: subject.to_owned(),
            period: None,
            counted_from: since,
            follows: None,
            due_at,
            lapses: routine.lapses,
            state: State::Open,
            person: String::new(),
            role: routine.by.first().cloned().unwrap_or_else(|| self.regulation.desk().to_owned()),
            explanation: explanation.into(),
            created_at: now,
        }))
    }
}

/// Opens everything that is owed now and is not open yet, and sets the timer for the next time that there may be more.
///
/// # Errors
/// [`Error::NotFound`] while the organisation is not known here.
pub async fn open_owed(evaluation: &Evaluation, tx: &mut TenantTx) -> Result<(), Error> {
    let routines = Routines::in_force(evaluation, tx)?;
    let mut next = next_adoption(tx)?;
    if let Some(routines) = &routines {
        let organization = format!("organizations/{}", tx.organization_id());
        for (id, routine) in routines.iter() {
            match routine.per {
                Subject::Organization => {
                    if let Some(duty) = routines.in_period(id, routine, &organization, tx.now())? {
                        open(tx, duty).await?;
                    }
                }
                Subject::Product => {
                    let period = routine.period.map(|kind| routines.calendar.period(kind, tx.now())).transpose();
                    let period = period.map_err(uncounted)?.map(CalendarPeriod::first_on);
                    for product in product::without_duty(tx, id, period).await? {
                        open_first(tx, routines, (id, routine), &product).await?;
                    }
                }
                Subject::Customer => {
                    let Some(kind) = routine.period else { continue };
                    let period = routines.calendar.period(kind, tx.now()).map_err(uncounted)?;
                    for customer in customer::without_duty(tx, id, period.first_on()).await? {
                        if let Some(duty) = routines.of_customer((id, routine), &customer, tx)? {
                            open(tx, duty).await?;
                        }
                    }
                }
                // Others come and go: nothing recurs for them.
                Subject::Case
                | Subject::WorkOrder
                | Subject::LoanSlip
                | Subject::Requisition
                | Subject::Custody
                | Subject::Takeaway
                | Subject::Agreement
                | Subject::Claim
                | Subject::Scorecard => {}
            }
            if let Some(kind) = routine.period {
                let period =
                    routines.calendar.period(kind, tx.now()).and_then(CalendarPeriod::next).map_err(uncounted)?;
                let starts_at = routines.calendar.period_starts_at(period).map_err(uncounted)?;
                next = Some(next.map_or(starts_at, |earlier| earlier.min(starts_at)));
            }
        }
    }
    match next {
        Some(run_at) => {
            let subject = format!("organizations/{}", tx.organization_id());
            let timer = timers::Schedule { key: OPEN, kind: OPEN, subject: &subject, run_at, payload: &[] };
            timers::schedule(tx, timer);
        }
        None => timers::cancel(tx, OPEN),
    }
    Ok(())
}

/// What intake says of a customer: opens what is due for him, and hands it over to whoever is in charge of him now.
///
/// # Errors
/// [`Error::NotFound`] while the organisation is not known here.
pub async fn customer_changed(evaluation: &Evaluation, tx: &mut TenantTx, customer: &Customer) -> Result<(), Error> {
    customer::put(tx, customer).await?;
    let Some(routines) = Routines::in_force(evaluation, tx)? else { return Ok(()) };
    let of_customers = routines.iter().filter(|(_, routine)| routine.per == Subject::Customer);
    for (id, routine) in of_customers {
        let Some(duty) = routines.of_customer((id, routine), customer, tx)? else { continue };
        let Some(period) = duty.period else { continue };
        match store::lock_of_period(tx, id, &duty.subject, period.first).await? {
            None => open(tx, duty).await?,
            Some(mut opened) if opened.state == State::Open && opened.person != duty.person => {
                opened.person = duty.person;
                store::save(tx, &mut opened).await?;
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// What intake says of a product: opens its first duties, or counts them anew from days that were corrected.
///
/// # Errors
/// [`Error::NotFound`] while the organisation is not known here.
pub async fn product_changed(evaluation: &Evaluation, tx: &mut TenantTx, product: &Product) -> Result<(), Error> {
    product::put(tx, product).await?;
    let Some(routines) = Routines::in_force(evaluation, tx)? else { return Ok(()) };
    let of_products = routines.iter().filter(|(_, routine)| routine.per == Subject::Product);
    for (id, routine) in of_products {
        open_first(tx, &routines, (id, routine), product).await?;
    }
    Ok(())
}

/// Opens the duty that follows one that was done, where the regulation in force counts its routine from the last time. The
/// duties of periods come with the periods.
///
/// # Errors
/// [`Error::Refused`] when its time cannot be counted.
pub async fn open_next(evaluation: &Evaluation, tx: &mut TenantTx, done: &Duty, at: Timestamp) -> Result<(), Error> {
    let Some(routines) = Routines::in_force(evaluation, tx)? else { return Ok(()) };
    let same = routines.iter().find(|(id, routine)| *id == done.routine && routine.every.is_some());
    let Some((id, routine)) = same else { return Ok(()) };
    if let Some(duty) = routines.counted(id, routine, &done.subject, at, tx.now())? {
        open(tx, Duty { follows: Some(done.id), ..duty }).await?;
    }
    Ok(())
}

/// Opens the duty of a product in this period, or its first one when the days that it is counted from are on file.
async fn open_first(
    tx: &mut TenantTx,
    routines: &Routines,
    (id, routine): (&str, &Routine),
    product: &Product,
) -> Result<(), Error> {
    let subject = product.id.name(tx.organization_id());
    if routine.period.is_some() {
        if let Some(duty) = routines.in_period(id, routine, &subject, tx.now())? {
            open(tx, duty).await?;
        }
        return Ok(());
    }
    let Some(day) = product.counts_from(routine) else { return Ok(()) };
    let since = routines.calendar.starts_at(day).map_err(uncounted)?;
    let Some(first) = routines.counted(id, routine, &subject, since, tx.now())? else { return Ok(()) };
    match store::lock_latest(tx, id, &subject).await? {
        None => open(tx, first).await?,
        Some(latest) if latest.follows.is_none() && latest.state == State::Open && latest.counted_from != since => {
            let Duty { counted_from, due_at, explanation, .. } = first;
            let mut latest = Duty { counted_from, due_at, explanation, ..latest };
            store::save(tx, &mut latest).await?;
            set_timer(tx, &latest);
        }
        Some(_) => {}
    }
    Ok(())
}

async fn open(tx: &mut TenantTx, duty: Duty) -> Result<(), Error> {
    if store::insert(tx, &duty).await? {
        set_timer(tx, &duty);
    }
    Ok(())
}

fn set_timer(tx: &mut TenantTx, duty: &Duty) {
    let (key, subject) = (duty.timer_key(tx.organization_id()), duty.id.name(tx.organization_id()));
    let run_at = duty.due_at + A_SECOND;
    timers::schedule(tx, timers::Schedule { key: &key, kind: OVERDUE, subject: &subject, run_at, payload: &[] });
}

/// When the next regulation that the organisation has adopted comes into force.
fn next_adoption(tx: &TenantTx) -> Result<Option<Timestamp>, Error> {
    let settings = Settings::of(tx)?;
    let effective = settings.organization().adoptions.iter().filter_map(|adoption| adoption.effective_at);
    Ok(effective.filter_map(|at| parse::timestamp(at).ok()).filter(|at| *at > tx.now()).min())
}

/// A calendar that runs out after the year 9999, or has no working day within two years.
fn uncounted(fault: calendar::Error) -> Error {
    Error::Internal(anyhow::Error::new(fault))
}

fn undecided(undecided: Undecided) -> Error {
    Error::Internal(anyhow::Error::new(undecided))
}
