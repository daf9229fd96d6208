//! The decisions: pure functions of a regulation and of what is known.

mod charges;
mod claims;
mod consequences;
mod coverage;
mod gates;
mod limits;
mod loans;
mod prices;
mod queues;
mod quotes;
mod records;
mod routines;
mod scorecards;

pub use charges::ChargedAmount;
pub use claims::{ClaimAudit, Expense};
pub use consequences::Sanction;
pub use limits::{Limits, UndecidedLimit};
pub use loans::{InspectionOutcome, LoanItem, LoanTerms, PurchaseStep};
pub use prices::{PartPrice, TariffTable};
pub use queues::{ChosenSolution, Queue, SolutionOption};
pub use quotes::{MissingSetting, NotQuoted, QuoteInput, QuoteLine, QuotePart, QuotedPrice};
pub use records::AdmittedRecord;
pub use routines::RoutineDue;
pub use scorecards::Score;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::{
    Regulation,
    dossier::Actor,
    pack::{RecordKind, Rounding, RoundingMode},
    refusal::{Refusal, Text, alternatives},
};

impl Rounding {
    /// Rounds an amount as the pack says.
    fn apply(self, amount: Decimal) -> Decimal {
        let strategy = match self.mode {
            RoundingMode::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            RoundingMode::HalfEven => RoundingStrategy::MidpointNearestEven,
            RoundingMode::Down => RoundingStrategy::ToZero,
            RoundingMode::Up => RoundingStrategy::AwayFromZero,
        };
        amount.round_dp_with_strategy(self.places, strategy)
    }
}

fn refusal(rule: &str, entry: &str, en: String, zh: String, lifted_by: Vec<String>) -> Refusal {
    Refusal { rule: rule.to_owned(), entry: entry.to_owned(), message: Text { en, zh }, lifted_by }
}

impl Regulation {
    /// Refuses an act to somebody who holds none of the roles; no roles means that the rule does not say.
    fn refuse_role(&self, rule: &str, entry: &str, actor: &Actor, roles: &[String]) -> Option<Refusal> {
        if roles.is_empty() || actor.is_one_of(roles) {
            return None;
        }
        let names = |pick: fn(&crate::pack::Role) -> &String| {
            roles
                .iter()
                .map(|role| self.pack.roles.get(role).map_or(role.as_str(), |it| pick(it).as_str()))
                .collect::<Vec<_>>()
        };
        Some(refusal(
            rule,
            entry,
            format!("only the {} may do this", alternatives(&names(|role| &role.en), "or")),
            format!("只有{}可以办理", alternatives(&names(|role| &role.zh), "或")),
            roles.iter().map(|role| format!("role:{role}")).collect(),
        ))
    }

    /// What a record is, for people: `approval: unpaid_service_approval by general_manager`.
    fn needs_record(&self, kind: &str) -> String {
        match self.pack.records.get(kind) {
            None => kind.to_owned(),
            Some(RecordKind { is, party, by, .. }) => {
                let of = party.as_ref().map(|party| format!(" of {party}")).unwrap_or_default();
                format!("{}: {kind}{of} by {}", is.word(), alternatives(by, "or"))
            }
        }
    }
}
