//! The limits of a subject under both regulations, and what follows from those that were missed.

use callout_contract::{
    regulation::v1::{Limit, limit::State},
    types::v1::{self as pb, difference::Kind},
};
use callout_journal::TenantTx;
use callout_kit::Error;
use callout_regulation::{Dossier, Limits, Regulation, calendar::Holidays};
use jiff::Timestamp;

use super::{About, Judged, Judgements, Rehearsal, due};
use crate::{Settings, Subject, sanctions};

impl Rehearsal {
    /// What differs about the limits of a subject and about what follows from a miss.
    ///
    /// Of one that is `over` the limits are judged as of the last thing that happened to it: what still ran then is
    /// nobody's any more.
    ///
    /// # Errors
    /// [`Error::NotFound`] while the organisation is not known here.
    pub fn limits(&self, tx: &TenantTx, subject: &Subject, over: bool) -> Result<Vec<pb::Difference>, Error> {
        let last = || {
            let standing = &subject.standing;
            let records = standing.records.iter().map(|record| record.entry.occurred_at);
            standing.milestones.iter().map(|(_, at)| *at).chain(records).max()
        };
        let ended_at = if over { last() } else { None };
        let judging = Judging {
            subject,
            dossier: subject.dossier(tx)?,
            holidays: Settings::of(tx)?.holidays()?,
            as_of: ended_at.unwrap_or(tx.now()),
            over,
        };
        let (before, after) = (judging.by(&subject.regulation), judging.by(&self.other));
        Ok(before.against(&after, About::subject(subject)))
    }
}

/// What both regulations look at.
struct Judging<'a> {
    subject: &'a Subject,
    dossier: Dossier,
    holidays: Holidays,
    as_of: Timestamp,
    over: bool,
}

impl Judging<'_> {
    fn by(&self, regulation: &Regulation) -> Judgements {
        let mut judgements = Judgements::default();
        let Limits { known, undecided } =
            regulation.limits(self.subject.kind, &self.dossier, &self.holidays, self.as_of);
        for limit in undecided {
            let entry = format!("limits.{}", limit.limit);
            let judged = Judged::undecided(regulation, &limit.rule, entry, &limit.cause);
            judgements.add(Kind::Limit, limit.limit, judged);
        }
        for limit in known {
            let (missed, counts) = match limit.state() {
                State::Overdue | State::MetLate => (true, true),
                State::Running => (false, !self.over),
                State::Met | State::Lifted | State::Unspecified => (false, true),
            };
            if missed {
                self.sanctions(regulation, &limit, &mut judgements);
            }
            if counts {
                judgements.add(Kind::Limit, limit.limit.clone(), self.limit(limit));
            }
        }
        judgements
    }

    fn limit(&self, limit: Limit) -> Judged {
        let entry = limit.explanation.as_ref().map(|explanation| explanation.entry.clone()).unwrap_or_default();
        let outcome = limit.state().as_str_name().trim_start_matches("STATE_").to_owned();
        Judged {
            person: self.subject.responsible(&limit.responsible),
            entry,
            judgement: pb::Judgement {
                outcome,
                due_at: limit.due_at,
                explanation: limit.explanation,
                ..pb::Judgement::default()
            },
        }
    }

    fn sanctions(&self, regulation: &Regulation, limit: &Limit, judgements: &mut Judgements) {
        let key = |entry: &str| format!("{entry} for {}", limit.limit);
        match sanctions::of_miss(regulation, limit) {
            Ok(sanctions) => {
                for sanction in sanctions {
                    let entry = key(&format!("consequences.{}", sanction.consequence));
                    let judgement = due(regulation, sanction.amount, sanction.explanation);
                    let person = self.subject.responsible(&limit.responsible);
                    judgements.add(Kind::Sanction, entry.clone(), Judged { person, entry, judgement });
                }
            }
            Err(refusals) => {
                for refusal in refusals {
                    judgements.add_refused(Kind::Sanction, key(&refusal.entry), regulation, &refusal);
                }
            }
        }
    }
}
