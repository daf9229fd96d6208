//! What a work order learns of its case while it is under way.

use callout_casework::records;
use callout_contract::intake::v1 as intake;
use callout_kit::{Error, Violations};
use callout_regulation::vocabulary::{Subject, words};

use super::{WorkOrder, decode};

impl WorkOrder {
    /// Takes over what intake knows of the case now: what it is entitled to, what the analysis found, what happened, what
    /// is on record.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a milestone that no case has, which intake does not send.
    pub fn learn(&mut self, case: &intake::Case) -> Result<(), Error> {
        let mut violations = Violations::default();
        let milestones = decode::of_the_case(&mut violations, &case.milestones);
        violations.finish()?;
        if let Some(verdict) = &case.verdict {
            self.verdict.clone_from(verdict);
        }
        let facts = &mut self.standing.facts;
        facts.set(words::CASE_CAUSE, cause(case.cause()));
        facts.set(words::CASE_MANUAL_KEPT, case.manual_kept);
        facts.set(words::CASE_URGENT, case.urgent);
        for (word, said) in
            [(words::CASE_REGION, &case.region), (words::CASE_SEVERITY, &case.severity), (words::CASE_PART, &case.part)]
        {
            if said.is_empty() {
                facts.forget(word);
            } else {
                facts.set(word, said.as_str());
            }
        }
        self.standing.inherited = records::entries(&case.records);
        self.standing.milestones.retain(|(event, _)| event.subjects().contains(&Subject::WorkOrder));
        self.standing.milestones.extend(milestones);
        Ok(())
    }
}

const fn cause(cause: intake::case::Cause) -> &'static str {
    match cause {
        intake::case::Cause::Unspecified => "unknown",
        intake::case::Cause::Quality => "quality",
        intake::case::Cause::Misuse => "misuse",
        intake::case::Cause::Other => "other",
    }
}
