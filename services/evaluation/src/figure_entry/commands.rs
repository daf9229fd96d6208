//! What happens to figures, each in one transaction.

use std::collections::BTreeMap;

use callout_casework::{
    ids::{self, FigureEntryId, Id as _},
    regulation_named,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Violations, parse};
use callout_regulation::{Actor, Collecting};

use super::{FigureEntry, State, Step, store};
use crate::{Evaluation, decode, in_force, scorecard};

/// Characters that a source, or a reason, may have.
const LONGEST_SOURCE: usize = 2_000;

/// Enters figures of a month.
///
/// # Errors
/// [`Error::Refused`] from a role that does not collect them, and for a figure that the scorecard does not have or that is
/// negative; [`Error::AlreadyExists`] for a figure of the month that is there already; [`Error::WrongState`] once the period
/// was scored.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateFigureEntryRequest,
) -> Result<pb::FigureEntry, Error> {
    let organization = ids::organization(caller, "parent", &request.parent)?;
    let asked = request.figure_entry.unwrap_or_default();
    let mut violations = Violations::default();
    violations.at_most("figure_entry.person", &asked.person, decode::LONGEST_PERSON);
    violations.at_most("figure_entry.source", &asked.source, LONGEST_SOURCE);
    let day = violations.take("figure_entry.day", parse::date(&asked.day));
    let mut figures = BTreeMap::new();
    for (figure, value) in &asked.figures {
        if let Some(value) = violations.take(format!("figure_entry.figures.{figure}"), parse::decimal(value)) {
            figures.insert(figure.clone(), value);
        }
    }
    let (Some(day), true) = (day, violations.is_empty()) else { return Err(violations.into_error()) };

    let regulation = in_force::on(evaluation, tx, "figure_entry.day", day)?;
    let card = in_force::scorecard(&regulation, "figure_entry.scorecard", &asked.scorecard)?;
    let period = in_force::required_period(card, "figure_entry.scorecard", day)?;
    in_force::require_begun(&regulation, "figure_entry.day", day.first_of_month(), tx.now())?;
    let actor = Actor::of(caller.roles.iter().cloned());
    let collecting = Collecting { figures: &figures, day, at: tx.now(), actor: &actor };
    let collected = regulation.collect(&asked.scorecard, &collecting).map_err(in_force::refusing(&request.parent))?;
    let scored = scorecard::store::of_period(tx, &asked.scorecard, &asked.person, period.first_on()).await?;
    scorecard::require_unscored(scored.as_ref(), organization, "enter figures for it")?;

    let entry = FigureEntry {
        id: FigureEntryId::new(tx.now()),
        version: 1,
        card: asked.scorecard,
        person: asked.person,
        day,
        month_on: day.first_of_month(),
        period_start_on: period.first_on(),
        figures,
        source: asked.source,
        in_window: collected.in_window,
        window_from: collected.from_at,
        window_until: collected.until_at,
        state: State::Entered,
        entered_by: caller.subject.clone(),
        regulation: regulation.revision().to_owned(),
        explanation: collected.explanation.into(),
        created_at: tx.now(),
    };
    store::insert(tx, &entry).await?;
    Ok(tell(tx, &entry))
}

/// Somebody looked the figures through; those of another day are approved by it.
///
/// # Errors
/// [`Error::Refused`] from a role that does not review them, [`Error::WrongState`] for those that were reviewed or taken
/// back before, and for those of another day once the period was scored.
pub async fn review(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ReviewFigureEntryRequest,
) -> Result<pb::FigureEntry, Error> {
    let mut entry = store::lock(tx, FigureEntryId::of(caller, "name", &request.name)?).await?;
    etag::check(&request.etag, entry.version, &request.name)?;
    entry.state = entry.state.clone().apply(Step::Review { by: caller.subject.clone() }, &request.name)?;
    let regulation = regulation_named(&evaluation.host.library, &entry.regulation)?;
    let actor = Actor::of(caller.roles.iter().cloned());
    regulation.admit_review(&entry.card, entry.in_window, &actor).map_err(in_force::refusing(&request.name))?;
    if !entry.in_window {
        require_unscored(tx, &entry, "approve figures for it").await?;
    }
    store::save(tx, &mut entry).await?;
    Ok(tell(tx, &entry))
}

/// The figures are taken back.
///
/// # Errors
/// [`Error::Refused`] from a role that does not collect them, [`Error::WrongState`] for those that were taken back before
/// and once the period was scored.
pub async fn withdraw(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::WithdrawFigureEntryRequest,
) -> Result<pb::FigureEntry, Error> {
    let mut violations = Violations::default();
    violations.at_most("reason", &request.reason, LONGEST_SOURCE);
    violations.finish()?;
    let mut entry = store::lock(tx, FigureEntryId::of(caller, "name", &request.name)?).await?;
    etag::check(&request.etag, entry.version, &request.name)?;
    entry.state = entry.state.clone().apply(Step::Withdraw { reason: request.reason }, &request.name)?;
    let regulation = regulation_named(&evaluation.host.library, &entry.regulation)?;
    let actor = Actor::of(caller.roles.iter().cloned());
    let none = BTreeMap::new();
    let collecting = Collecting { figures: &none, day: entry.day, at: tx.now(), actor: &actor };
    regulation.collect(&entry.card, &collecting).map_err(in_force::refusing(&request.name))?;
    require_unscored(tx, &entry, "take figures back from it").await?;
    store::save(tx, &mut entry).await?;
    store::withdraw_figures(tx, &entry).await?;
    Ok(tell(tx, &entry))
}

async fn require_unscored(tx: &mut TenantTx, entry: &FigureEntry, attempted: &str) -> Result<(), Error> {
    let scored = scorecard::store::of_period(tx, &entry.card, &entry.person, entry.period_start_on).await?;
    scorecard::require_unscored(scored.as_ref(), tx.organization_id(), attempted)
}

fn tell(tx: &mut TenantTx, entry: &FigureEntry) -> pb::FigureEntry {
    let answer = entry.to_proto(tx.organization_id());
    let now = tx.now();
    tx.audit_as(answer.name.clone(), now);
    events::append(tx, &answer.name, &pb::FiguresChanged { figure_entry: Some(answer.clone()) }, now);
    answer
}
