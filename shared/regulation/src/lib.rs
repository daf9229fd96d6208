//! Regulation packs: a company's after-sales regulation as data.
//!
//! A pack is one readable file. [`load`] parses it, checks it against the vocabulary and compiles it; the [`Regulation`]
//! that comes out answers the questions of the services: what a case is entitled to, until when somebody must be there,
//! what must be on record before a wheel turns, what a visit costs, what follows from a breach. Every answer names the
//! rule, the entry of the pack, the revision, the facts that it looked at, and the computation.
//!
//! All of it is pure: no clock is read, nothing is stored. Whatever a decision needs is in its arguments.

pub mod calendar;
mod check;
mod decide;
mod document;
mod dossier;
pub mod expression;
mod facts;
mod library;
pub mod pack;
mod refusal;
mod regulation;
mod source;
pub mod vocabulary;

pub use check::load;
pub use decide::{
    AdmittedRecord, AdmittedSignoff, AgreementIncident, AgreementTerms, AssessedLoss, BlockScore, BookedReturn, Breach,
    Cadence, CardCount, CardFaces, ChargedAmount, ChosenSolution, ClaimAudit, Collected, Collecting, Counted,
    DeductedBonus, Done, EarlierPeriod, Expense, Gap, GradeReached, InCustody, IncomeInput, IncomeLine, IndicatorScore,
    InspectionOutcome, IssuedLine, Keeping, Lacking, Limits, LoanItem, LoanTerms, LossInput, MissingSetting, NotQuoted,
    Owed, PaidBy, PartPrice, PayAmount, PayInput, Percentage, PeriodInput, PeriodPoints, PeriodResult,
    PeriodSettlement, Portion, Presented, PresentedPaper, PurchaseStep, Queue, QuoteInput, QuoteLine, QuotePart,
    QuotedPrice, Rating, RegisterDue, ReturnInput, RoutineDue, Sanction, ScaleValue, Score, ScoredPeriod,
    SettlementLine, SettlementLineKind, SolutionOption, TariffTable, TerminationGround, Totals, UndecidedLimit,
    Waiting, WorkEntry,
};
pub use document::{diff, rule_table, schema};
pub use dossier::{Actor, Dossier, RecordEntry, SettingValue};
pub use facts::{Facts, Value, outcome_word};
pub use library::{BUILT_IN, Library};
pub use refusal::{Refusal, Text, Undecided};
pub use regulation::Regulation;
pub use source::{Problem, Problems, Source};
