//! What follows from a limit that was missed.

use callout_contract::regulation::v1::{Limit, limit};
use callout_regulation::{Actor, Facts, Refusal, Regulation, Sanction, pack::Per, vocabulary::Trigger};

/// What follows from a missed limit by a regulation, as far as it can be known: what goes by the day is, once the event has
/// come; the rest when the time has run out.
///
/// # Errors
/// What only a person can decide, such as an amount within a band: nobody acts here.
pub fn of_miss(regulation: &Regulation, limit: &Limit) -> Result<Vec<Sanction>, Vec<Refusal>> {
    let mut facts = Facts::default();
    facts.set_lateness(limit);
    let trigger = Trigger::Limit(limit.limit.clone());
    let mut sanctions = regulation.consequences(&trigger, &facts, None, &Actor::default())?;
    sanctions.retain(|sanction| match sanction.per {
        Per::Occasion | Per::Record => true,
        Per::Day => limit.state() == limit::State::MetLate,
    });
    Ok(sanctions)
}
