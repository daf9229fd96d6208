//! How a subject counts for the rates of its regulation: told to whoever sums them up, whenever it changes.

use callout_contract::events::v1::RateCounted;
use callout_journal::{TenantTx, events};
use callout_kit::Error;
use callout_regulation::Counted;

use crate::{Settings, Subject};

/// Tells how a subject counts for each rate, of those for which that changed since it was told last.
///
/// # Errors
/// Those of [`Subject::dossier`].
pub(crate) fn tell(tx: &mut TenantTx, subject: &mut Subject) -> Result<(), Error> {
    if subject.regulation.pack().rates.is_empty() {
        return Ok(());
    }
    let holidays = Settings::of(tx)?.holidays()?;
    let counted = subject.regulation.counted(subject.kind, &subject.dossier(tx)?, &holidays, tx.now());
    tell_of(tx, subject, &counted);
    Ok(())
}

/// A subject that came to nothing counts for no rate any more.
pub fn withdraw(tx: &mut TenantTx, subject: &mut Subject) {
    tell_of(tx, subject, &[]);
}

fn tell_of(tx: &mut TenantTx, subject: &mut Subject, counted: &[Counted]) {
    let is_gone = |told: &&String| told.starts_with("rate ") && !counted.iter().any(|it| as_told(it) == **told);
    let gone: Vec<String> = subject.standing.told.iter().filter(is_gone).cloned().collect();
    for told in gone {
        subject.standing.told.remove(&told);
        let rate = told.split(' ').nth(1).unwrap_or_default();
        if !counted.iter().any(|it| it.rate == rate) {
            let event = RateCounted { rate: rate.to_owned(), ..about(subject) };
            append(tx, &event);
        }
    }
    for it in counted {
        if subject.standing.told.insert(as_told(it)) {
            let event = RateCounted {
                rate: it.rate.clone(),
                day: it.day.to_string(),
                counts: true,
                holds: it.holds,
                ..about(subject)
            };
            append(tx, &event);
        }
    }
}

fn about(subject: &Subject) -> RateCounted {
    RateCounted {
        subject: subject.name.clone(),
        regulation: subject.regulation.revision().to_owned(),
        ..RateCounted::default()
    }
}

fn append(tx: &mut TenantTx, event: &RateCounted) {
    let now = tx.now();
    events::append(tx, &event.subject, event, now);
}

/// What a standing remembers of how it counts for a rate.
fn as_told(counted: &Counted) -> String {
    format!("rate {} {} {}", counted.rate, counted.day, counted.holds)
}
