//! The facts that a pack's expressions may read.

use std::marker::PhantomData;

use rust_decimal::Decimal;

/// A section of a pack, as far as facts are concerned: what is known where its expressions are decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// `coverage.classes`: the product alone.
    Classes,
    /// `coverage.verdicts`: the product, its class and the case.
    Verdicts,
    /// `gates`: everything about the case, the order and its quote.
    Gates,
    /// `limits`: as for gates, and the loan slip.
    Limits,
    /// `priorities`: the waiting case or reservation.
    Priorities,
    /// `tariffs`: the quote, the organisation's tables and prices.
    Tariffs,
    /// `charges`: the verdict and the costs of the service.
    Charges,
    /// `loans` and `requisitions`: the item.
    Loans,
    /// `losses`: what is known of the goods.
    Losses,
    /// `consequences`: what was found, or how late a limit was met.
    Consequences,
    /// `routines.condition`: what came of it, by its form.
    Routines,
    /// Whom a scorecard, a block or the performance pay covers: the person.
    Covers,
    /// `scorecards.indicators`: the figures, the goals and the person.
    Indicators,
    /// `scorecards.scales`: the result and its blocks.
    Scales,
    /// `scorecards.cancelled`: what a result is made of, and cards.
    Cancelled,
    /// `performance_pay`: the person.
    PerformancePay,
    /// `performance_pay.income`: the person and the year.
    Income,
}

impl Section {
    /// The section's name in a pack.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Classes => "coverage.classes",
            Self::Verdicts => "coverage.verdicts",
            Self::Gates => "gates",
            Self::Limits => "limits",
            Self::Priorities => "priorities",
            Self::Tariffs => "tariffs",
            Self::Charges => "charges",
            Self::Loans => "loans",
            Self::Losses => "losses",
            Self::Consequences => "consequences",
            Self::Routines => "routines.condition",
            Self::Covers => "covers",
            Self::Indicators => "scorecards.indicators",
            Self::Scales => "scorecards.scales",
            Self::Cancelled => "scorecards.cancelled",
            Self::PerformancePay => "performance_pay",
            Self::Income => "performance_pay.income",
        }
    }
}

/// The type of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One word out of `Values`.
    Text(Values),
    /// Yes or no.
    Flag,
    /// An exact decimal.
    Number,
    /// Several words out of `Values`.
    Texts(Values),
    /// Several exact decimals.
    Numbers,
}

/// What a text may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Anything.
    Any,
    /// One of these words of the suite.
    OneOf(&'static [&'static str]),
    /// `own`, or a party of the pack.
    Makers,
    /// A party of the pack.
    Parties,
    /// `customer`, or a party of the pack.
    Requesters,
    /// `customer`, `company`, or a party of the pack.
    Payers,
    /// A kind of work: the suite's own, or one of the pack.
    Works,
    /// A class of the pack's coverage.
    Classes,
    /// A tariff of the pack.
    Tariffs,
    /// A category of items of the pack.
    ItemCategories,
    /// A purpose of loans of the pack.
    Purposes,
    /// A category of product of the pack.
    ProductCategories,
    /// A part of a product of the pack.
    Parts,
    /// A region of the pack.
    Regions,
    /// A severity of the pack.
    Severities,
    /// A remedy of the pack's coverage.
    Remedies,
    /// A scorecard of the pack.
    Scorecards,
    /// A role of the pack.
    Roles,
}

/// What holds while a fact is not known; a fact without one must be known where it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// This word.
    Text(&'static str),
    /// This answer.
    Flag(bool),
}

/// A word of the vocabulary as its reference shows it.
#[derive(Debug)]
pub struct Definition {
    /// The word, such as `order.distance_km`.
    pub word: &'static str,
    /// Its type.
    pub kind: Kind,
    /// What holds while it is not known.
    pub preset: Option<Preset>,
    /// Where it may be read.
    pub known_in: &'static [Section],
    /// Its meaning.
    pub doc: &'static str,
}

/// A word that takes a `T`: the Rust side of a [`Definition`].
pub struct Word<T: 'static> {
    definition: &'static Definition,
    takes: PhantomData<T>,
}

impl<T> Clone for Word<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Word<T> {}

impl<T> Word<T> {
    const fn new(definition: &'static Definition) -> Self {
        Self { definition, takes: PhantomData }
    }

    /// The word as packs write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.definition.word
    }
}

/// The definition of a word, if the suite has it. `table.*` and `price.*` are declared by packs and not found here.
#[must_use]
pub fn find(word: &str) -> Option<&'static Definition> {
    words::ALL.iter().copied().find(|definition| definition.word == word)
}

macro_rules! words {
    ($($constant:ident: $takes:ty = $word:literal, $kind:expr, $preset:expr, $known_in:expr, $doc:literal;)*) => {
        /// One constant a word.
        pub mod words {
            use super::*;
            $(
                #[doc = $doc]
                pub const $constant: Word<$takes> = Word::new(&Definition {
                    word: $word, kind: $kind, preset: $preset, known_in: $known_in, doc: $doc,
                });
            )*
            /// Every word, in the order of the reference.
            pub const ALL: &[&Definition] = &[$($constant.definition),*];
        }
    };
}

const OF_A_PERSON: &[Section] = &[Section::Covers, Section::Indicators, Section::PerformancePay, Section::Income];
const OF_A_SCORECARD: &[Section] = &[Section::Gates, Section::Limits];
const STANDINGS: &[&str] = &["probation", "regular", "left"];
const MODES: &[&str] = &["remote", "self_repair", "on_site", "workshop"];
const OUTCOMES: &[&str] = &["free", "paid", "contract", "held", "refused"];
const FEES: &[&str] = &["none", "due", "invoiced", "collected", "collected_on_invoice", "paid_in", "settled"];
const CHANNELS: &[&str] = &["phone", "letter", "email", "visitor", "online"];
const CASE_KINDS: &[&str] =
    &["repair", "enquiry", "complaint", "parts_purchase", "installation", "maintenance", "mail_in"];
const EVERYWHERE_OF_A_PRODUCT: &[Section] =
    &[Section::Classes, Section::Verdicts, Section::Gates, Section::Limits, Section::Priorities];
const OF_A_CLASSED_PRODUCT: &[Section] =
    &[Section::Verdicts, Section::Gates, Section::Limits, Section::Priorities, Section::Tariffs, Section::Charges];
const OF_A_CASE: &[Section] = &[Section::Verdicts, Section::Gates, Section::Limits, Section::Priorities];
const OF_AN_ORDER: &[Section] = &[Section::Gates, Section::Limits];
const OF_A_VERDICT: &[Section] = &[Section::Gates, Section::Limits, Section::Charges];

words! {
    PRODUCT_MAKER: String = "product.maker", Kind::Text(Values::Makers), None, EVERYWHERE_OF_A_PRODUCT,
        "Who made the product: `own` for the organisation itself, or a party of the pack.";
    PRODUCT_SELLER: String = "product.seller", Kind::Text(Values::Makers), None, EVERYWHERE_OF_A_PRODUCT,
        "Who sold the product: `own`, or a party of the pack.";
    PRODUCT_CATEGORY: String = "product.category", Kind::Text(Values::ProductCategories), None, EVERYWHERE_OF_A_PRODUCT,
        "The category of the product, of the pack's `product_categories`.";
    PRODUCT_CLASS: String = "product.class", Kind::Text(Values::Classes), None, OF_A_CLASSED_PRODUCT,
        "The class of the product by `coverage.classes`.";
    CASE_KIND: String = "case.kind", Kind::Text(Values::OneOf(CASE_KINDS)), None, OF_A_CASE,
        "What the customer turned to the organisation for.";
    CASE_WORK: String = "case.work", Kind::Text(Values::Works), None, OF_A_CASE,
        "The work that is asked for: one of the suite's own (`advice`, `repair`, `replacement`, `installation`, \
         `commissioning`, `maintenance`, `inspection`, `training`) or one that the pack declares.";
    CASE_CAUSE: String = "case.cause", Kind::Text(Values::OneOf(&["unknown", "quality", "misuse", "other"])),
        Some(Preset::Text("unknown")), OF_A_CASE,
        "What the analysis of the fault found: a quality problem, improper use or care, or something else.";
    CASE_MANUAL_KEPT: bool = "case.manual_kept", Kind::Flag, Some(Preset::Flag(true)), OF_A_CASE,
        "Whether the user kept to the product manual; presumed until the analysis says otherwise.";
    CASE_IN_WARRANTY: bool = "case.in_warranty", Kind::Flag, None, OF_A_CASE,
        "Whether the last day of warranty had not passed at the instant that `coverage.warranty_read_at` names.";
    CASE_REQUESTED_BY: String = "case.requested_by", Kind::Text(Values::Requesters), Some(Preset::Text("customer")),
        OF_A_CASE,
        "Who asks: `customer`, or a party of the pack.";
    CASE_URGENT: bool = "case.urgent", Kind::Flag, Some(Preset::Flag(false)), OF_A_CASE,
        "Whether the customer, or the desk, calls the case urgent.";
    CASE_CHANNEL: String = "case.channel", Kind::Text(Values::OneOf(CHANNELS)), Some(Preset::Text("phone")), OF_A_CASE,
        "By what way the customer turned to the organisation.";
    CASE_REGION: String = "case.region", Kind::Text(Values::Regions), None, OF_A_CASE,
        "The region in which the site lies, of the pack's `regions`.";
    CASE_SEVERITY: String = "case.severity", Kind::Text(Values::Severities), Some(Preset::Text("ordinary")), OF_A_CASE,
        "How urgent or grave the case is: `ordinary`, or one of the pack's `severities`.";
    CASE_PART: String = "case.part", Kind::Text(Values::Parts), Some(Preset::Text("other")), OF_A_CASE,
        "The part at fault: `other`, or one of the pack's `parts`.";
    CASE_REMEDY: String = "case.remedy", Kind::Text(Values::Remedies), Some(Preset::Text("none")), OF_A_CASE,
        "The remedy that was granted last: `none`, or one of `coverage.remedies`.";
    CASE_UNDER_AGREEMENT: bool = "case.under_agreement", Kind::Flag, Some(Preset::Flag(false)), OF_A_CASE,
        "Whether an agreement with the customer on the care of the product ran on the day on which the case was received.";
    CASE_DAYS_WAITING: Decimal = "case.days_waiting", Kind::Number, None, &[Section::Priorities],
        "Working days that began since the one on which its hours began to run; of what waits to be dispatched.";
    CASE_PRODUCT: String = "case.product", Kind::Text(Values::Any), None, OF_A_CASE,
        "The product that the case is about.";
    CASE_FAULT: String = "case.fault", Kind::Text(Values::Any), None, OF_A_CASE,
        "The fault as the customer describes it.";
    CASE_PREVIOUS: String = "case.previous", Kind::Text(Values::Any), None, OF_A_CASE,
        "The case that this one takes up again, because its conclusion was not accepted.";
    CASE_CONTACT: String = "case.contact", Kind::Text(Values::Any), None, OF_A_CASE,
        "How the customer is reached.";
    ORDER_MODE: String = "order.mode", Kind::Text(Values::OneOf(MODES)), None, OF_AN_ORDER,
        "How the work is done: by guidance from afar, by the customer himself, on site, or in the workshop.";
    ORDER_DISTANCE_KM: Decimal = "order.distance_km", Kind::Number, None, OF_AN_ORDER,
        "Road distance to the site, one way, in km.";
    ORDER_CREW: Decimal = "order.crew", Kind::Number, None, &[Section::Gates],
        "Engineers who are at the order by its planned visits at the instant of the step.";
    ORDER_CERTIFIED: Decimal = "order.certified", Kind::Number, None, &[Section::Gates],
        "Those of its crew who hold a certificate of the pack's `certificates` that entitles and is valid on the date of the step.";
    ORDER_ROLES: Vec<String> = "order.roles", Kind::Texts(Values::Roles), None, &[Section::Gates],
        "The roles in which those are to go who are assigned to the order by its planned visits.";
    ORDER_MATERIAL_OUTSTANDING: Decimal = "order.material_outstanding", Kind::Number, None, &[Section::Gates],
        "Pieces of the order's loan slips and requisitions that are neither built in, nor back, nor accounted for as lost, \
         and replaced parts that must still come back.";
    ORDER_COMPLETED: bool = "order.completed", Kind::Flag, Some(Preset::Flag(false)), OF_A_VERDICT,
        "Whether the service of the order is completed.";
    ORDER_TAKEN_AWAY: bool = "order.taken_away", Kind::Flag, Some(Preset::Flag(false)), OF_AN_ORDER,
        "Whether goods of the customer were taken away under the order.";
    VERDICT_OUTCOME: String = "verdict.outcome", Kind::Text(Values::OneOf(OUTCOMES)), None, OF_A_VERDICT,
        "What the case is entitled to.";
    VERDICT_PAYER: String = "verdict.payer", Kind::Text(Values::Payers), None, OF_A_VERDICT,
        "Who pays: `customer`, `company`, or a party of the pack.";
    VERDICT_NOTIFY_BEFORE: Vec<String> = "verdict.notify_before", Kind::Texts(Values::Parties), None, OF_A_VERDICT,
        "Parties that must be notified before the service.";
    VERDICT_CHARGE_AFTER: Vec<String> = "verdict.charge_after", Kind::Texts(Values::Parties), None, OF_A_VERDICT,
        "Parties that are charged after the service.";
    VERDICT_TARIFF: String = "verdict.tariff", Kind::Text(Values::Tariffs), None, OF_A_VERDICT,
        "The tariff by which the customer is quoted; empty when nothing is charged.";
    VERDICT_RULE: String = "verdict.rule", Kind::Text(Values::Any), None, OF_A_VERDICT,
        "The rule by which the verdict was given.";
    VERDICT_LACKS: Vec<String> = "verdict.lacks", Kind::Texts(Values::Any), None, OF_A_VERDICT,
        "What the verdict needs and does not have, as its requirements name it.";
    QUOTE_STATE: String = "quote.state", Kind::Text(Values::OneOf(&["none", "quoted", "confirmed", "declined"])),
        Some(Preset::Text("none")), OF_AN_ORDER,
        "Where the quote stands: not made, told to the customer, confirmed by him, or declined.";
    QUOTE_PERSONS: Decimal = "quote.persons", Kind::Number, None, &[Section::Tariffs],
        "Engineers who go.";
    QUOTE_DAYS: Decimal = "quote.days", Kind::Number, None, &[Section::Tariffs],
        "Days on site, of each engineer.";
    QUOTE_HOURS: Decimal = "quote.hours", Kind::Number, None, &[Section::Tariffs],
        "Hours of work, of each engineer.";
    QUOTE_DISTANCE_KM: Decimal = "quote.distance_km", Kind::Number, None, &[Section::Tariffs],
        "Road distance that is charged, one way, in km.";
    FEE_AMOUNT: Decimal = "fee.amount", Kind::Number, None, OF_AN_ORDER,
        "What the customer owes for the order, once that was noted.";
    FEE_STATE: String = "fee.state", Kind::Text(Values::OneOf(FEES)), Some(Preset::Text("none")), OF_AN_ORDER,
        "Where the fee stands: not noted, due, invoiced, collected on the spot, collected on its invoice, handed in without \
         one, or settled.";
    ITEMS: Vec<Decimal> = "items", Kind::Numbers, None, &[Section::Tariffs],
        "The amounts of the tariff's required cost items.";
    ITEM_CATEGORY: String = "item.category", Kind::Text(Values::ItemCategories), None, &[Section::Loans],
        "The category of the item.";
    SLIP_PURPOSE: String = "slip.purpose", Kind::Text(Values::Purposes), None, OF_AN_ORDER,
        "The purpose of the loan slip, of `loans.purposes`.";
    REQUISITION_OWES: bool = "requisition.owes", Kind::Flag, Some(Preset::Flag(false)), &[Section::Limits],
        "Whether something was issued against the requisition for which the replaced part must come back.";
    RESERVATION_URGENT: bool = "reservation.urgent", Kind::Flag, Some(Preset::Flag(false)), &[Section::Priorities],
        "Whether the part is reserved for a customer's urgent purchase.";
    CHARGE_COSTS: Decimal = "charge.costs", Kind::Number, None, &[Section::Charges],
        "What the service cost in all.";
    CHARGE_BORNE_BY_CUSTOMER: Decimal = "charge.borne_by_customer", Kind::Number, None, &[Section::Charges],
        "The part of the costs that the customer bears.";
    FINDING_EXTRA_COST: Decimal = "finding.extra_cost", Kind::Number, None, &[Section::Consequences],
        "The additional service cost that the breach caused.";
    FINDING_BASE_NUMBER: Decimal = "finding.base_number", Kind::Number, None, &[Section::Consequences],
        "The base number of the person it is against: 1 where none is said.";
    FINDING_MONTH_BONUS: Decimal = "finding.month_bonus", Kind::Number, None, &[Section::Consequences],
        "The whole bonus of the person in the month.";
    LOSS_FULL_VALUE: Decimal = "loss.full_value", Kind::Number, None, &[Section::Losses],
        "What the goods are worth at their full price.";
    LOSS_PROCEEDS: Decimal = "loss.proceeds", Kind::Number, None, &[Section::Losses],
        "For how much they were resold.";
    LOSS_ACTUAL: Decimal = "loss.actual", Kind::Number, None, &[Section::Losses],
        "What was actually lost.";
    LIMIT_LATE_DAYS: Decimal = "limit.late_days", Kind::Number, None, &[Section::Consequences],
        "Civil dates after the due date on which the event came.";
    LIMIT_LATE_HOURS: Decimal = "limit.late_hours", Kind::Number, None, &[Section::Consequences],
        "Elapsed hours after the due instant, begun hours counted in full.";
    SCORECARD_KIND: String = "scorecard.kind", Kind::Text(Values::Scorecards), None, OF_A_SCORECARD,
        "The scorecard of the pack.";
    SCORECARD_RESULT: Decimal = "scorecard.result", Kind::Number, None, OF_A_SCORECARD,
        "The result, rounded; not known when something took it away.";
    SCORECARD_GRADE: String = "scorecard.grade", Kind::Text(Values::Any), None, OF_A_SCORECARD,
        "The grade that was reached; empty where there is none.";
    SCORECARD_FAILED: bool = "scorecard.failed", Kind::Flag, None, OF_A_SCORECARD,
        "Whether the period counts as failed.";
    SCORECARD_UNREVIEWED_FIGURES: Decimal = "scorecard.unreviewed_figures", Kind::Number, None, &[Section::Gates],
        "How many entries of figures count although nobody has looked them through.";
    PERSON_STANDING: String = "person.standing", Kind::Text(Values::OneOf(STANDINGS)), None, OF_A_PERSON,
        "How the person is employed on the last day of the period.";
    PERSON_POST: String = "person.post", Kind::Text(Values::Any), None, OF_A_PERSON,
        "The post of the person on that day.";
    PERSON_UNIT: String = "person.unit", Kind::Text(Values::Any), None, OF_A_PERSON,
        "The department, region or project of the person on that day.";
    PERSON_LEADS: bool = "person.leads", Kind::Flag, None, OF_A_PERSON,
        "Whether the person leads the unit.";
    PERSON_STANDARD_PAY: Decimal = "person.standard_pay", Kind::Number, None, &[Section::PerformancePay],
        "The standard performance pay of the post for a whole year.";
    PERSON_ANNUAL_SALARY: Decimal = "person.annual_salary", Kind::Number, None, &[Section::Income],
        "The fixed salary of a whole year.";
    GOAL_BUDGET: Decimal = "goal.budget", Kind::Number, None, &[Section::Indicators],
        "The budget that was agreed for the period.";
    SCORE_TOTAL: Decimal = "score.total", Kind::Number, None, &[Section::Scales],
        "The result of the scorecard, rounded.";
    RESULTS_KNOWN: Decimal = "results.known", Kind::Number, None, &[Section::Cancelled],
        "How many results it is made of.";
    RESULTS_FAILED: Decimal = "results.failed", Kind::Number, None, &[Section::Cancelled],
        "How many of them failed.";
    YEAR_PROFIT: Decimal = "year.profit", Kind::Number, None, &[Section::Income],
        "The profit of the year that the person answers for.";
    YEAR_PROFIT_TARGET: Decimal = "year.profit_target", Kind::Number, None, &[Section::Income],
        "The profit that was aimed at.";
}
