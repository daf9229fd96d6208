//! A regulation pack as it is written: one typed section for each kind of decision.
//!
//! The JSON Schema that editors use is generated from these types, so their comments are the reference of the language.

mod archives;
mod certificates;
mod chains;
mod consequences;
mod coverage;
mod custody;
mod gates;
mod limits;
mod loans;
mod losses;
mod number;
mod pay;
mod quotes;
mod rates;
mod registers;
mod requisitions;
mod retention;
mod returns;
mod routines;
mod scorecards;
mod settings;
mod settlements;
mod surveys;
mod words;
mod work_reports;

use indexmap::IndexMap;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use archives::Binding;
pub use certificates::Certificate;
pub use chains::{Authority, Chain, Station};
pub use consequences::{Against, Band, Consequence, ExpenseKind, Finding, Per, Proposal};
pub use coverage::{ClassRow, Coverage, Outcome, Remedy, RemedyRow, Term, Unclassified, Unmet, VerdictRow};
pub use custody::{Custody, Damaged, HandingOn, Lost, MadeGoodBy, Renewal};
pub use gates::{EachDay, Gate};
pub use limits::{Before, ByDay, DueMonth, Limit, Tier, UntilRecord};
pub use loans::{Evidence, Inspection, Loans, Purchase, Purpose, Zeroing};
pub use losses::{BonusDeduction, DividedBy, Division, Liable, LiableUnit, Loss, Resale};
pub use number::Number;
pub use pay::{CardPart, Cards, FixedRatio, Income, IncomePart, PerformancePay, Ratios, Share};
pub use quotes::{
    Charge, Choice, FreeModes, GivenPrice, PartsPrice, Priorities, Priority, Rounding, RoundingMode, RoundingStep,
    Solutions, Table, Tariff, Waiver,
};
pub use rates::Rate;
pub use registers::{NumberPattern, Register, Reminder};
pub use requisitions::{Attached, Replaced, Requisition, RequisitionIssue, Signature};
pub use retention::{Copies, Retained, Retention};
pub use returns::{EvidencePaper, Return, ReturnBooking, ReturnEvidence};
pub use routines::{AtLeast, FallsDue, PeriodEnd, Routine, SeenToBy};
pub use scorecards::{
    Block, Cancellation, Collection, Covers, GoalPart, Goals, Grade, Grades, Indicator, MadeOf, Marks, Missing, Review,
    Scale, ScoreResult, Scorecard, Weights,
};
pub use settings::Setting;
pub use settlements::{
    Component, Counted, Deduction, DeductionStep, FeeBase, IncidentDetail, IncidentKind, LowScores, PaymentTier,
    PaymentTiers, PeriodScore, Selection, Settlement, Signoff, Termination, TerminationEffect, TooMany, Workload,
};
pub use surveys::{Criterion, RegisterSent, Survey};
pub use words::{Answer, Field, FieldKind, Form, Kept, Profile, Promise, RecordKind, Role, RuleEntry, Sort, Standing};
pub use work_reports::{Signed, WorkClass, WorkReport};

use crate::{calendar::CountingRules, refusal::Text};

/// An id of a pack: lower-case words joined by underscores.
pub type Id = String;

/// The id of a rule of the regulation, such as `R01-05`.
pub type RuleId = String;

/// Entries by their id, in the order of the pack.
pub type Entries<T> = IndexMap<Id, T>;

/// A company's after-sales regulation as data.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// The id of the pack, such as `R01-aerial-platforms`.
    pub pack: String,
    /// The revision, counted from 1. A revision that has been in force is never changed: a change is a new revision.
    pub revision: u32,
    /// The pack that this one changes by JSON merge patch (RFC 7386): entries merge by id, `null` removes, lists are
    /// replaced. Absent when it stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// What the regulation is called.
    pub title: Text,
    /// The first day on which this revision is in force, in `zone`.
    pub effective_from: Date,
    /// The IANA time zone in which the regulation counts, such as `Asia/Shanghai`.
    pub zone: String,
    /// The ISO 4217 code of the currency of its amounts, such as `CNY`.
    pub currency: String,

    /// Who acts. A caller's token holds roles of his organisation, which are these.
    pub roles: Entries<Role>,
    /// The role that owns the service process: a case is its own to act on once it was passed on to it.
    pub desk: Id,
    /// Outside companies that the regulation speaks of: principals, sellers, agents.
    #[serde(default)]
    pub parties: Entries<Text>,
    /// Kinds of work that a customer may ask for, beside the suite's own.
    #[serde(default)]
    pub works: Entries<Text>,
    /// Categories of product, where coverage tells them apart.
    #[serde(default)]
    pub product_categories: Entries<Text>,
    /// Parts of a product, where coverage tells them apart.
    #[serde(default)]
    pub parts: Entries<Text>,
    /// Regions of sites, where limits or prices go by them.
    #[serde(default)]
    pub regions: Entries<Text>,
    /// Degrees or kinds of urgency and gravity of a case.
    #[serde(default)]
    pub severities: Entries<Text>,
    /// Kinds of price that the organisation keeps of a part.
    #[serde(default)]
    pub prices: Entries<Text>,
    /// Categories of items of stock.
    #[serde(default)]
    pub item_categories: Entries<Text>,
    /// Standings that a customer may reach.
    #[serde(default)]
    pub standings: Entries<Standing>,
    /// Certificates that engineers may hold, such as a licence to work on special equipment.
    #[serde(default)]
    pub certificates: Entries<Certificate>,
    /// What may be put on record.
    #[serde(default)]
    pub records: Entries<RecordKind>,
    /// What a record must say, field by field.
    #[serde(default)]
    pub forms: Entries<Form>,
    /// What may be found against a person.
    #[serde(default)]
    pub findings: Entries<Finding>,

    /// How time is counted.
    #[serde(default)]
    pub calendar: CountingRules,
    /// What a case is entitled to.
    pub coverage: Coverage,
    /// In which order waiting work is served.
    #[serde(default)]
    pub priorities: Priorities,
    /// How one of several solutions is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solutions: Option<Solutions>,
    /// What must be so before a step is taken.
    #[serde(default)]
    pub gates: Entries<Gate>,
    /// Stations or signatures in their order.
    #[serde(default)]
    pub chains: Entries<Chain>,
    /// Registers in which cases are entered under numbers of their own.
    #[serde(default)]
    pub registers: Entries<Register>,
    /// Who is told of what is overdue.
    #[serde(default)]
    pub reminders: Entries<Reminder>,
    /// Kinds of expense that are accepted on a condition only; every other kind is accepted.
    #[serde(default)]
    pub expenses: Entries<ExpenseKind>,
    /// Until when something must have happened.
    #[serde(default)]
    pub limits: Entries<Limit>,
    /// Numbers of the organisation, with validity dates, that conditions and formulas read.
    #[serde(default)]
    pub settings: Entries<Setting>,
    /// Tables of the organisation, with validity dates, that tariffs read.
    #[serde(default)]
    pub tables: Entries<Table>,
    /// How a price is made.
    #[serde(default)]
    pub tariffs: Entries<Tariff>,
    /// When the customer pays nothing after all.
    #[serde(default)]
    pub waivers: Entries<Waiver>,
    /// What a party is charged after the service.
    #[serde(default)]
    pub charges: Entries<Charge>,
    /// Who may borrow what, and how it is brought back to zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loans: Option<Loans>,
    /// How parts and consumables are drawn from the stores.
    #[serde(default)]
    pub requisitions: Entries<Requisition>,
    /// What somebody holds in person: tool kits, keys.
    #[serde(default)]
    pub custody: Entries<Custody>,
    /// Goods that customers send back.
    #[serde(default)]
    pub returns: Entries<Return>,
    /// What recurs.
    #[serde(default)]
    pub routines: Entries<Routine>,
    /// Of how many it must be so, in each period.
    #[serde(default)]
    pub rates: Entries<Rate>,
    /// What follows from a breach.
    #[serde(default)]
    pub consequences: Entries<Consequence>,
    /// What a case cost, and who bears it.
    #[serde(default)]
    pub losses: Entries<Loss>,
    /// What is taken from a bonus for losses.
    #[serde(default)]
    pub bonus_deductions: Entries<BonusDeduction>,
    /// Who rates whom, by what.
    #[serde(default)]
    pub scorecards: Entries<Scorecard>,
    /// Agreements with contractors: how their periods are scored, paid and ended.
    #[serde(default)]
    pub settlements: Entries<Settlement>,
    /// Cards that a person is shown for his conduct.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards: Option<Cards>,
    /// Pay that goes by the grades of scorecards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performance_pay: Option<PerformancePay>,
    /// How customers are asked what they think of each call.
    #[serde(default)]
    pub surveys: Entries<Survey>,
    /// Classes of work, as reports of work tell them apart.
    #[serde(default)]
    pub work_classes: Entries<WorkClass>,
    /// Reports of work: what people did on a day, and what their leaders add up from that.
    #[serde(default)]
    pub work_reports: Entries<WorkReport>,
    /// What is kept, and which copies are made.
    #[serde(default)]
    pub retention: Retention,
    /// Every rule of the regulation and how the suite keeps it.
    pub rules: IndexMap<RuleId, RuleEntry>,
}

impl Pack {
    /// The pack and its revision as explanations quote it, such as `R01-aerial-platforms@1`.
    #[must_use]
    pub fn revision_name(&self) -> String {
        format!("{}@{}", self.pack, self.revision)
    }
}
