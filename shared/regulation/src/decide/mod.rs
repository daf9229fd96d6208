//! The decisions: pure functions of a regulation and of what is known.

mod archives;
mod bonus_deductions;
mod cadence;
mod cards;
mod certificates;
mod chains;
mod charges;
mod claims;
mod consequences;
mod coverage;
mod custody;
mod facts;
mod gates;
mod limits;
mod loans;
mod losses;
mod pay;
mod prices;
mod promises;
mod queues;
mod quotes;
mod rates;
mod records;
mod registers;
mod remedies;
mod requisitions;
mod returns;
mod routines;
mod scorecards;
mod settlements;
mod surveys;
mod terms;
mod work_reports;

pub use archives::Keeping;

pub use bonus_deductions::{DeductedBonus, Owed};
pub use cadence::{Breach, Cadence, Done, Gap};
pub use charges::ChargedAmount;
pub use claims::{ClaimAudit, Expense};
pub use consequences::Sanction;
pub use custody::{InCustody, Lacking};
pub use limits::{Limits, UndecidedLimit};
pub use loans::{InspectionOutcome, LoanItem, LoanTerms, PurchaseStep};
pub use losses::{AssessedLoss, LossInput, Portion};
pub use pay::{IncomeInput, IncomeLine, PaidBy, PayAmount, PayInput};
pub use prices::{PartPrice, TariffTable};
pub use queues::{ChosenSolution, Queue, SolutionOption, Waiting};
pub use quotes::{MissingSetting, NotQuoted, QuoteInput, QuoteLine, QuotePart, QuotedPrice};
pub use rates::{Counted, Percentage};
pub use records::AdmittedRecord;
pub use requisitions::{IssuedLine, Presented};
pub use returns::{BookedReturn, PresentedPaper, ReturnInput};
pub use routines::RoutineDue;
pub use scorecards::{
    BlockScore, CardCount, Collected, Collecting, GradeReached, IndicatorScore, PeriodResult, Rating, ScaleValue, Score,
};
pub use settlements::{
    AdmittedSignoff, AgreementIncident, AgreementTerms, EarlierPeriod, PeriodInput, PeriodPoints, PeriodSettlement,
    ScoredPeriod, SettlementLine, SettlementLineKind, TerminationGround,
};

pub use surveys::{CardFaces, RegisterDue};
pub use work_reports::{Totals, WorkEntry};

use rust_decimal::{Decimal, RoundingStrategy};

use crate::{
    Regulation,
    dossier::Actor,
    pack::{RecordKind, Rounding, RoundingMode},
    refusal::{Refusal, Text, alternatives},
    vocabulary::nearest,
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

/// Refuses a word that the pack does not have, with the one that was probably meant, or those that it has.
fn unknown<'a>(
    rule: &str,
    entry: &str,
    (what_en, what_zh): (&str, &str),
    word: &str,
    known: impl Iterator<Item = &'a String> + Clone,
) -> Refusal {
    let near = nearest(word, known.clone().map(String::as_str));
    let (hint_en, hint_zh) = near.map_or_else(
        || known_words(known.map(String::as_str)),
        |near| (format!("did you mean `{near}`?"), format!("是否为 {near}?")),
    );
    let en = format!("unknown {what_en} `{word}`; {hint_en}");
    refusal(rule, entry, en, format!("未知的{what_zh} {word};{hint_zh}"), Vec::new())
}

/// The words that a pack has, in English and in Chinese.
fn known_words<'a>(known: impl Iterator<Item = &'a str>) -> (String, String) {
    let known = known.collect::<Vec<_>>();
    (format!("known are {}", known.join(", ")), format!("可用:{}", known.join("、")))
}

/// A fact that is needed, as requirements name it.
fn needs_fact(fact: &str) -> String {
    format!("fact: {fact}")
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

    /// What a kind of record is called, in English and in Chinese.
    fn record_name<'a>(&'a self, kind: &'a str) -> (&'a str, &'a str) {
        self.pack.records.get(kind).map_or((kind, kind), |record| (&record.en, &record.zh))
    }

    /// The rule that a kind of record comes from.
    fn rule_of_record(&self, kind: &str) -> String {
        self.pack.records.get(kind).map(|record| record.rule.clone()).unwrap_or_default()
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
