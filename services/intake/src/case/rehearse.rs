//! A case under another regulation.

use callout_casework::{
    Subject,
    ids::Id as _,
    rehearse::{About, Judged, Judgements, Looked, Place, Rehearsal},
};
use callout_contract::{
    regulation::v1::{Explanation, Verdict, verdict::Outcome},
    types::v1::{Difference, Judgement, difference::Kind},
};
use callout_journal::TenantTx;
use callout_kit::Error;

use super::store;
use crate::Intake;

/// Looks at some of the cases that were received in the period.
///
/// # Errors
/// Those of the decisions and of the statement.
pub async fn look(intake: &Intake, tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Looked, Error> {
    let mut looked = Looked::default();
    for case in store::received_in(tx, rehearsal, place).await? {
        let subject = case.subject(&intake.host.library, tx.organization_id())?;
        let mut differences = rehearsal.limits(tx, &subject, case.is_over())?;
        differences.extend(entitlement(tx, rehearsal, &subject)?);
        looked.at(case.id.uuid(), differences);
    }
    Ok(looked)
}

/// What differs about what a case is entitled to.
fn entitlement(tx: &TenantTx, rehearsal: &Rehearsal, subject: &Subject) -> Result<Vec<Difference>, Error> {
    let before = judgements(&subject.judged(tx)?.verdict());
    let after = judgements(&rehearsal.other(subject).judged(tx)?.verdict());
    Ok(before.against(&after, About::subject(subject)))
}

fn judgements(verdict: &Verdict) -> Judgements {
    let mut judgements = Judgements::default();
    let by = [("payer", &verdict.payer), ("tariff", &verdict.tariff)];
    let by: Vec<String> =
        by.iter().filter(|(_, word)| !word.is_empty()).map(|(what, word)| format!("{what} {word}")).collect();
    let said = std::iter::once(outcome(verdict.outcome())).chain(by).collect::<Vec<_>>().join(", ");
    judgements.add(Kind::Verdict, "coverage", of("coverage".to_owned(), said, verdict.explanation.as_ref()));
    for remedy in &verdict.remedies {
        let entry = format!("coverage.remedies.{}", remedy.remedy);
        let said = outcome(remedy.outcome());
        judgements.add(Kind::Remedy, entry.clone(), of(entry, said, remedy.explanation.as_ref()));
    }
    judgements
}

/// Nobody of the organisation answers for what a customer is entitled to.
fn of(entry: String, outcome: String, explanation: Option<&Explanation>) -> Judged {
    let judgement = Judgement { outcome, explanation: explanation.cloned(), ..Judgement::default() };
    Judged { person: String::new(), entry, judgement }
}

fn outcome(outcome: Outcome) -> String {
    outcome.as_str_name().trim_start_matches("OUTCOME_").to_owned()
}
