//! Rates: of how many subjects of a period something is so.

use callout_contract::{evaluation::v1 as pb, events::v1::RateCounted};
use callout_journal::TenantTx;
use callout_kit::{Error, parse};
use callout_regulation::{Percentage, Regulation, calendar, pack};
use jiff::civil::Date;

mod rpc;
pub mod store;

/// How much counts in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many count.
    pub counted: u32,
    /// Of how many of them it is so.
    pub holding: u32,
}

/// Takes over how a subject counts.
///
/// # Errors
/// [`Error::Internal`] for a day that no service sends, or when the statement fails.
pub async fn counted(tx: &mut TenantTx, told: RateCounted) -> Result<(), Error> {
    if !told.counts {
        return store::forget(tx, &told.rate, &told.subject).await;
    }
    let wrong = |fault: callout_kit::Text| Error::Internal(anyhow::anyhow!("{}: {}", told.subject, fault.en));
    let day = parse::date(&told.day).map_err(wrong)?;
    store::put(tx, &told.rate, &told.subject, day, told.holds).await
}

/// A rate in the period in which a day lies.
///
/// # Errors
/// [`Error::Internal`] at the very ends of the calendar, or when a statement fails.
pub async fn in_period(
    tx: &mut TenantTx,
    regulation: &Regulation,
    (id, rate): (&str, &pack::Rate),
    day: Date,
    today: Date,
) -> Result<pb::Rate, Error> {
    let period = rate.period.containing(day).map_err(uncounted)?;
    let days = (period.first_on(), period.last_on());
    let Tally { counted, holding } = store::tally(tx, id, days).await?;
    let missing = store::missing(tx, id, days).await?;
    let computed = regulation.percentage(id, counted, holding);
    let Percentage { percent, met, explanation } =
        computed.ok_or_else(|| Error::Internal(anyhow::anyhow!("rate {id} of another regulation")))?;
    let state = match (today > period.last_on(), met) {
        (false, _) => pb::rate::State::Provisional,
        (true, true) => pb::rate::State::Met,
        (true, false) => pb::rate::State::NotMet,
    };
    Ok(pb::Rate {
        rate: id.to_owned(),
        period_start_on: period.first_on().to_string(),
        period_end_on: period.last_on().to_string(),
        counted: i32::try_from(counted).unwrap_or(i32::MAX),
        holding: i32::try_from(holding).unwrap_or(i32::MAX),
        percent: percent.map(|percent| percent.to_string()).unwrap_or_default(),
        target: rate.target.to_string(),
        state: state.into(),
        missing,
        explanation: Some(explanation),
    })
}

fn uncounted(fault: calendar::Error) -> Error {
    Error::Internal(anyhow::Error::new(fault))
}
