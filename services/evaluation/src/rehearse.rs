//! What evaluation has that is judged by a regulation, under another one.

use callout_casework::{
    ids::{CaseId, Id as _},
    rehearse::{About, Judged, Judgements, Looked, Place, Rehearsal, due, explained},
};
use callout_contract::types::v1::{Difference, Judgement, difference::Kind};
use callout_journal::TenantTx;
use callout_kit::Error;
use callout_regulation::{
    Actor, Expense, Facts, Regulation,
    vocabulary::{Trigger, words},
};

use crate::{
    Evaluation,
    claim::{self, Claim},
    finding::{self, Finding},
    in_force, ledger,
    scorecard::{self, Scorecard},
};

const CLAIM: &str = "claim";
const FINDING: &str = "finding";
const SCORECARD: &str = "scorecard";

/// What is looked at, in this order.
pub const REHEARSED: &[&str] = &[CLAIM, FINDING, SCORECARD];

/// Looks at some of what is of the period.
///
/// # Errors
/// Those of the decisions and of the statements.
pub async fn look(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    rehearsal: &Rehearsal,
    place: Place,
) -> Result<Looked, Error> {
    let library = &evaluation.host.library;
    let mut looked = Looked::default();
    match place.kind {
        CLAIM => {
            for claim in claim::store::entered_in(tx, rehearsal, place).await? {
                let subject = claim.subject(library, tx.organization_id())?;
                let mut differences = rehearsal.limits(tx, &subject, claim.state.is_final())?;
                let (before, after) = (passed(&claim, &subject.regulation), passed(&claim, &rehearsal.other));
                differences.extend(before.against(&after, About::subject(&subject)));
                looked.at(claim.id.uuid(), differences);
            }
        }
        FINDING => {
            for finding in finding::store::entered_in(tx, rehearsal, place).await? {
                let differences = followed(evaluation, tx, rehearsal, &finding).await?;
                looked.at(finding.id.uuid(), differences);
            }
        }
        SCORECARD => {
            for scorecard in scorecard::store::of_days(tx, rehearsal, place).await? {
                let subject = scorecard.subject(library, tx.organization_id())?;
                let mut differences = rehearsal.limits(tx, &subject, false)?;
                let before = rated(tx, &scorecard, &subject.regulation).await?;
                let after = rated(tx, &scorecard, &rehearsal.other).await?;
                differences.extend(before.against(&after, About::subject(&subject)));
                looked.at(scorecard.id.uuid(), differences);
            }
        }
        _ => {}
    }
    Ok(looked)
}

/// Which lines of a claim pass, once that was decided.
fn passed(claim: &Claim, regulation: &Regulation) -> Judgements {
    let mut judgements = Judgements::default();
    if claim.state.audit().is_none() {
        return judgements;
    }
    let expense =
        |line: &claim::Line| Expense { kind: line.kind.clone(), amount: line.amount, spent_at: line.spent_at };
    let expenses: Vec<Expense> = claim.lines.iter().map(expense).collect();
    let decided = regulation.audit_claim(&expenses, &claim.standing.dossier());
    for (index, expense) in expenses.iter().enumerate() {
        let refusal = decided.refused.iter().find(|(refused, _)| *refused == index).map(|(_, refusal)| refusal);
        let explanation = refusal.map(|it| explained(regulation, &it.rule, &it.entry, it.message.en.clone()));
        let outcome = if refusal.is_some() { "REFUSED" } else { "PASSED" };
        let judgement = Judgement {
            outcome: outcome.to_owned(),
            explanation,
            ..due(regulation, expense.amount, callout_contract::regulation::v1::Explanation::default())
        };
        let entry = format!("expenses.{} for line {}", expense.kind, index + 1);
        judgements.add(Kind::Claim, entry.clone(), Judged { person: claim.engineer.clone(), entry, judgement });
    }
    judgements
}

/// What differs about what followed from a finding.
async fn followed(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    rehearsal: &Rehearsal,
    finding: &Finding,
) -> Result<Vec<Difference>, Error> {
    let entries = ledger::store::of_findings(tx, &[finding.id]).await?;
    let regulation = match entries.first() {
        Some(entry) => callout_casework::regulation_named(&evaluation.host.library, &entry.explanation.revision)?,
        None => in_force::at(evaluation, tx, finding.occurred_at)?,
    };
    let (before, after) = (consequences(finding, &regulation), consequences(finding, &rehearsal.other));
    let name = finding.id.name(tx.organization_id());
    let case = if CaseId::parse(&finding.subject).is_ok() { finding.subject.as_str() } else { "" };
    Ok(before.against(&after, About { subject: &name, case }))
}

fn consequences(finding: &Finding, regulation: &Regulation) -> Judgements {
    let mut judgements = Judgements::default();
    let trigger = Trigger::Finding(finding.kind.clone());
    let facts = Facts::default().with(words::FINDING_EXTRA_COST, finding.extra_cost);
    let key = |entry: &str| format!("{entry} for {}", finding.kind);
    match regulation.consequences(&trigger, &facts, finding.proposed_amount, &anybody(regulation)) {
        Ok(sanctions) => {
            for sanction in sanctions {
                let entry = key(&format!("consequences.{}", sanction.consequence));
                let judgement = due(regulation, sanction.amount, sanction.explanation);
                let judged = Judged { person: finding.person.clone(), entry: entry.clone(), judgement };
                judgements.add(Kind::Sanction, entry, judged);
            }
        }
        Err(refusals) => {
            for refusal in refusals {
                judgements.add_refused(Kind::Sanction, key(&refusal.entry), regulation, &refusal);
            }
        }
    }
    judgements
}

/// How a person is rated by the marks that were given and what else is known of the period.
async fn rated(tx: &mut TenantTx, scorecard: &Scorecard, regulation: &Regulation) -> Result<Judgements, Error> {
    let mut judgements = Judgements::default();
    let entry = format!("scorecards.{}", scorecard.card);
    match scorecard::commands::rate_by(tx, scorecard, regulation, &anybody(regulation)).await? {
        None => {}
        Some(Ok(score)) => {
            let (outcome, explanation) = match (&score.grade, score.cancelled.first()) {
                (_, Some(cancelled)) => ("CANCELLED".to_owned(), cancelled.clone()),
                (Some(grade), None) => (grade.grade.clone(), grade.explanation.clone()),
                (None, None) => ("RATED".to_owned(), score.explanation.clone()),
            };
            let amount = score.result.map(callout_casework::money::plain).unwrap_or_default();
            let judgement = Judgement { outcome, amount, explanation: Some(explanation), ..Judgement::default() };
            judgements.add(Kind::Grade, entry.clone(), Judged { person: scorecard.person.clone(), entry, judgement });
        }
        Some(Err(refusals)) => {
            for refusal in refusals {
                judgements.add_refused(Kind::Grade, entry.clone(), regulation, &refusal);
            }
        }
    }
    Ok(judgements)
}

/// Somebody in every role: what comes out is asked, not who may decide it.
fn anybody(regulation: &Regulation) -> Actor {
    Actor::of(regulation.pack().roles.keys().cloned())
}
