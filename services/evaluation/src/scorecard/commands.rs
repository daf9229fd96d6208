//! A person is rated, and what becomes of the result.

use std::collections::BTreeMap;

use callout_casework::{
    Settings, Standing,
    ids::{self, Id as _, ScorecardId, WorkOrderId},
    limits,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, events};
use callout_kit::{Caller, Error, Violations, parse};
use callout_regulation::{
    Actor, PeriodResult, Rating, Regulation, Score,
    calendar::CalendarPeriod,
    pack,
    vocabulary::{Event, Transition, words},
};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use super::{Days, Scorecard, store};
use crate::{Evaluation, appointment, card, concern::Concern, decode, figure_entry, goal_sheet, in_force};

/// Rates a person by the regulation in force on the day that the rating is for, so that what is adopted later does not
/// change how a past period is rated.
///
/// # Errors
/// [`Error::Refused`] from a role that may not rate, for a person whom the scorecard does not cover or with whom nothing
/// was agreed, for each mark that is absent, unknown or out of range, for each figure that is missing, and by the gates
/// before summing up; [`Error::AlreadyExists`] where a person has one result a period.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateScorecardRequest,
) -> Result<pb::Scorecard, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.scorecard.unwrap_or_default();
    let (day, marks) = day_and_marks(&asked)?;
    let work_order = WorkOrderId::optional(caller, "scorecard.work_order", &asked.work_order)?;
    let regulation = in_force::on(evaluation, tx, "scorecard.day", day)?;
    let card = in_force::scorecard(&regulation, "scorecard.scorecard", &asked.scorecard)?;
    let period = in_force::period(card, day)?;
    in_force::require_begun(&regulation, "scorecard.day", period.map_or(day, CalendarPeriod::first_on), tx.now())?;
    if work_order.is_some() {
        // Only to see that there is such an order, and that the caller may see it.
        Concern::of(evaluation, caller, "scorecard.work_order", &asked.work_order).await?;
    }
    let actor = Actor::of(caller.roles.iter().cloned());
    let asking = Asking { regulation: &regulation, id: &asked.scorecard, person: &asked.person, day, period };
    let score = asking.decide(tx, &actor, card, &marks).await?.map_err(in_force::refusing(&request.parent))?;

    let scorecard = Scorecard {
        id: ScorecardId::new(tx.now()),
        version: 1,
        standing: asking.standing(tx, &score)?,
        card: asked.scorecard.clone(),
        person: asked.person.clone(),
        day,
        period: period.map(Days::from),
        marks,
        work_order,
        result: score.result,
        rated_by: caller.subject.clone(),
        reported_to: card.reported_to.clone(),
        explanation: score.explanation.clone().into(),
        scores: score.into(),
        created_at: tx.now(),
    };
    let subject = scorecard.subject(&evaluation.host.library, tx.organization_id())?;
    subject.gate(tx, Transition::SumUp, tx.now(), caller)?;
    store::insert(tx, &scorecard, card.once).await?;
    let now = tx.now();
    tell(evaluation, tx, scorecard, now).await
}

/// Something is put on record with a result: a review, an approval.
///
/// # Errors
/// Those of [`put_on_record`](callout_casework::Subject::put_on_record).
pub async fn record(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateScorecardRecordRequest,
) -> Result<pb::Scorecard, Error> {
    let mut scorecard = store::lock(tx, ScorecardId::of(caller, "parent", &request.parent)?).await?;
    if let Some(days) = &scorecard.period {
        let days = (days.first, days.last);
        let unreviewed = figure_entry::store::unreviewed(tx, &scorecard.card, &scorecard.person, days).await?;
        scorecard.standing.facts.set(words::SCORECARD_UNREVIEWED_FIGURES, unreviewed);
    }
    let mut subject = scorecard.subject(&evaluation.host.library, tx.organization_id())?;
    let summed_up_at = subject.standing.last(Event::SummedUp);
    let put = subject.put_on_record(tx, caller, request.record.unwrap_or_default(), summed_up_at)?;
    let at = put.entry.occurred_at;
    scorecard.standing = subject.standing;
    tell(evaluation, tx, scorecard, at).await
}

/// A limit is near its end or ran out: tells of it.
///
/// # Errors
/// [`Error::NotFound`] when there is no such scorecard.
pub async fn follow_limits(evaluation: &Evaluation, tx: &mut TenantTx, id: ScorecardId) -> Result<(), Error> {
    let mut scorecard = store::lock(tx, id).await?;
    follow(evaluation, tx, &mut scorecard).await
}

/// Follows the limits of a scorecard and writes what became of it.
///
/// # Errors
/// Those of the decisions, and [`Error::Stale`] when it is not the version that was locked.
pub async fn follow(evaluation: &Evaluation, tx: &mut TenantTx, scorecard: &mut Scorecard) -> Result<(), Error> {
    let mut subject = scorecard.subject(&evaluation.host.library, tx.organization_id())?;
    limits::follow(tx, &mut subject)?;
    scorecard.standing = subject.standing;
    store::save(tx, scorecard).await
}

async fn tell(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    mut scorecard: Scorecard,
    at: Timestamp,
) -> Result<pb::Scorecard, Error> {
    follow(evaluation, tx, &mut scorecard).await?;
    let answer = scorecard.to_proto(&evaluation.host.library, tx)?;
    tx.audit_as(answer.name.clone(), at);
    events::append(tx, &answer.name, &pb::PersonRated { scorecard: Some(answer.clone()) }, at);
    Ok(answer)
}

/// The rating that is asked for.
struct Asking<'a> {
    regulation: &'a Regulation,
    id: &'a str,
    person: &'a str,
    day: Date,
    period: Option<CalendarPeriod>,
}

/// A score, or the refusals of the regulation.
pub type Decided = Result<Score, Vec<callout_regulation::Refusal>>;

/// What a regulation makes of a rating that was made: by its marks, and by what is known of its period now. None where the
/// regulation has no such scorecard.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn rate_by(
    tx: &mut TenantTx,
    scorecard: &Scorecard,
    regulation: &Regulation,
    actor: &Actor,
) -> Result<Option<Decided>, Error> {
    let Some(card) = regulation.pack().scorecards.get(&scorecard.card) else { return Ok(None) };
    let period = in_force::period(card, scorecard.day)?;
    let Scorecard { card: id, person, day, marks, .. } = scorecard;
    let asking = Asking { regulation, id, person, day: *day, period };
    asking.decide(tx, actor, card, marks).await.map(Some)
}

impl Asking<'_> {
    async fn decide(
        &self,
        tx: &mut TenantTx,
        actor: &Actor,
        card: &pack::Scorecard,
        marks: &BTreeMap<String, Decimal>,
    ) -> Result<Decided, Error> {
        match &card.made_of {
            Some(made_of) => self.total_up(tx, actor, &made_of.scorecard).await,
            None => self.rate(tx, actor, marks).await,
        }
    }

    fn last_on(&self) -> Date {
        self.period.map_or(self.day, CalendarPeriod::last_on)
    }

    fn first_on(&self) -> Date {
        self.period.map_or(self.day, CalendarPeriod::first_on)
    }

    /// By marks, by what was agreed, and by the figures of the period.
    async fn rate(
        &self,
        tx: &mut TenantTx,
        actor: &Actor,
        marks: &BTreeMap<String, Decimal>,
    ) -> Result<Decided, Error> {
        let mut facts = appointment::facts_on(tx, self.person, self.last_on()).await?;
        let settings = Settings::of(tx)?;
        facts.set_settings(&settings.values()?, self.first_on());
        let mut agreed = Vec::new();
        if let Some(period) = self.period {
            figure_entry::store::sum_up(tx, self.id, self.person, period, &mut facts).await?;
            if let Some(sheet) = goal_sheet::store::of_period(tx, self.id, self.person, period.first_on()).await? {
                agreed = sheet.parts();
                if let Some(budget) = sheet.budget {
                    facts.set(words::GOAL_BUDGET, budget);
                }
            }
        }
        let tables = settings.tables()?;
        let rating = Rating { marks, facts: &facts, agreed: &agreed, tables: &tables, first_on: self.first_on() };
        Ok(self.regulation.rate(self.id, actor, &rating))
    }

    /// By the results of shorter periods, and by the cards that the person was shown.
    async fn total_up(&self, tx: &mut TenantTx, actor: &Actor, part: &str) -> Result<Decided, Error> {
        let days = (self.first_on(), self.last_on());
        let facts = appointment::facts_on(tx, self.person, self.last_on()).await?;
        let results = store::of_person(tx, part, self.person, days).await?;
        let result = |it: &Scorecard| {
            Some(PeriodResult {
                period: it.period.as_ref()?.name.clone(),
                result: it.result?,
                failed: it.scores.grade.as_ref().is_some_and(|grade| grade.failed),
            })
        };
        let results = results.iter().filter_map(result).collect::<Vec<_>>();
        let cards = card::store::counted(tx, self.person, days.0, days.1).await?;
        Ok(self.regulation.total_up(self.id, actor, &facts, &results, &cards))
    }

    /// What is known about the result from the beginning.
    fn standing(&self, tx: &TenantTx, score: &Score) -> Result<Standing, Error> {
        let mut standing = Standing::default();
        let facts = &mut standing.facts;
        facts.set(words::SCORECARD_KIND, self.id);
        if let Some(result) = score.result {
            facts.set(words::SCORECARD_RESULT, result);
        }
        let grade = score.grade.as_ref();
        facts.set(words::SCORECARD_GRADE, grade.map_or("", |grade| grade.grade.as_str()));
        facts.set(words::SCORECARD_FAILED, grade.is_some_and(|grade| grade.failed));
        if let Some(period) = self.period {
            let calendar = self.regulation.calendar(&Settings::of(tx)?.holidays()?);
            let ended_at = in_force::ends_at(&calendar, period)?;
            if ended_at < tx.now() {
                standing.happened(Event::PeriodEnded, ended_at);
            }
        }
        standing.happened(Event::SummedUp, tx.now());
        Ok(standing)
    }
}

impl From<CalendarPeriod> for Days {
    fn from(period: CalendarPeriod) -> Self {
        Self { first: period.first_on(), last: period.last_on(), name: period.to_string() }
    }
}

/// The day and the marks of a request, of which everything that needs no regulation is checked.
fn day_and_marks(asked: &pb::Scorecard) -> Result<(Date, BTreeMap<String, Decimal>), Error> {
    let mut violations = Violations::default();
    violations.at_most("scorecard.person", &asked.person, decode::LONGEST_PERSON);
    let day = violations.take("scorecard.day", parse::date(&asked.day));
    let mut marks = BTreeMap::new();
    for (indicator, mark) in &asked.marks {
        if let Some(mark) = violations.take(format!("scorecard.marks.{indicator}"), parse::decimal(mark)) {
            marks.insert(indicator.clone(), mark);
        }
    }
    match day {
        Some(day) if violations.is_empty() => Ok((day, marks)),
        Some(_) | None => Err(violations.into_error()),
    }
}
