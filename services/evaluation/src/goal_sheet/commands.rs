//! Goals are agreed.

use callout_casework::ids::{self, GoalSheetId, Id as _};
use callout_contract::evaluation::v1 as pb;
use callout_journal::TenantTx;
use callout_kit::{Caller, Error, Violations, parse};
use callout_regulation::Actor;

use super::{GoalSheet, store};
use crate::{Evaluation, decode, in_force, scorecard};

/// Characters that a goal may have.
const LONGEST_GOAL: usize = 2_000;

/// Characters that a plan, or an effect, may have.
const LONGEST_PLAN: usize = 20_000;

/// Enters what was agreed with a person for a period.
///
/// # Errors
/// [`Error::Refused`] from a role that does not agree goals, [`Error::WrongState`] once the period was scored.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateGoalSheetRequest,
) -> Result<pb::GoalSheet, Error> {
    let organization = ids::organization(caller, "parent", &request.parent)?;
    let asked = request.goal_sheet.unwrap_or_default();
    let mut violations = Violations::default();
    violations.at_most("goal_sheet.person", &asked.person, decode::LONGEST_PERSON);
    violations.at_most("goal_sheet.plan", &asked.plan, LONGEST_PLAN);
    violations.at_most("goal_sheet.effect", &asked.effect, LONGEST_PLAN);
    for (index, goal) in asked.goals.iter().enumerate() {
        violations.at_most(format!("goal_sheet.goals[{index}]"), goal, LONGEST_GOAL);
    }
    let budget = if asked.budget.is_empty() { Ok(None) } else { parse::amount(&asked.budget).map(Some) };
    let budget = violations.take("goal_sheet.budget", budget).flatten();
    let day = violations.take("goal_sheet.day", parse::date(&asked.day));
    let (Some(day), true) = (day, violations.is_empty()) else { return Err(violations.into_error()) };

    let regulation = in_force::on(evaluation, tx, "goal_sheet.day", day)?;
    let card = in_force::scorecard(&regulation, "goal_sheet.scorecard", &asked.scorecard)?;
    let period = in_force::required_period(card, "goal_sheet.scorecard", day)?;
    let actor = Actor::of(caller.roles.iter().cloned());
    regulation.admit_goals(&asked.scorecard, &actor).map_err(in_force::refusing(&request.parent))?;
    let scored = scorecard::store::of_period(tx, &asked.scorecard, &asked.person, period.first_on()).await?;
    scorecard::require_unscored(scored.as_ref(), organization, "agree goals for it")?;

    let stated = |goal: &String| !goal.trim().is_empty();
    let sheet = GoalSheet {
        id: GoalSheetId::new(tx.now()),
        card: asked.scorecard,
        person: asked.person,
        first_on: period.first_on(),
        last_on: period.last_on(),
        day,
        goals: asked.goals.into_iter().filter(stated).collect(),
        plan: asked.plan.trim().to_owned(),
        effect: asked.effect.trim().to_owned(),
        budget,
        agreed_by: caller.subject.clone(),
        created_at: tx.now(),
    };
    store::insert(tx, &sheet).await?;
    let answer = sheet.to_proto(organization);
    let now = tx.now();
    tx.audit_as(answer.name.clone(), now);
    Ok(answer)
}
