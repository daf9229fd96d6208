//! What happens, to what, and which step may be held back: events, transitions, subjects.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::nearest;

/// Declares an enum whose variants are words of a pack: parsed from and printed as that word, with its meaning.
macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[doc = $meaning:literal])+ $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $($(#[doc = $meaning])+ #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every word with its meaning, in the order of the reference.
            pub const WORDS: &'static [(Self, &'static str, &'static str)] =
                &[$((Self::$variant, $word, concat!($($meaning),+)),)*];

            /// The word as packs write it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::WORDS.iter().find(|(_, word, _)| *word == text).map(|(it, _, _)| *it).ok_or_else(|| {
                    match nearest(text, Self::WORDS.iter().map(|(_, word, _)| *word)) {
                        Some(word) => format!(concat!("unknown ", $what, " `{}`; did you mean `{}`?"), text, word),
                        None => format!(
                            concat!("unknown ", $what, " `{}`; known are {}"),
                            text,
                            Self::WORDS.iter().map(|(_, word, _)| *word).collect::<Vec<_>>().join(", "),
                        ),
                    }
                })
            }
        }
    };
}

word_enum! {
    /// What limits, gates and records are about.
    Subject, "subject" {
        /// Who uses products: a unit or a person.
        Customer = "customer",
        /// One delivered machine.
        Product = "product",
        /// What a customer asked for.
        Case = "case",
        /// The work that answers a case.
        WorkOrder = "work_order",
        /// Goods of a customer that were taken away under a work order, to be repaired.
        Takeaway = "takeaway",
        /// A contract with a customer on the care of a product.
        Agreement = "agreement",
        /// Parts or tools lent for a work order.
        LoanSlip = "loan_slip",
        /// Parts or consumables drawn for a work order, to be built in.
        Requisition = "requisition",
        /// Something that somebody holds in person, such as a kit of tools or a key.
        Custody = "custody",
        /// The expenses of a work order, handed in to be paid.
        Claim = "claim",
        /// How the work of a person was rated in a period.
        Scorecard = "scorecard",
        /// The organisation as a whole.
        Organization = "organization",
    }
}

word_enum! {
    /// One of the four services of the suite.
    Service, "service" {
        /// Takes cases in.
        Intake = "intake",
        /// Sends engineers.
        Dispatch = "dispatch",
        /// Keeps and lends stock.
        Inventory = "inventory",
        /// Rates, audits and settles.
        Evaluation = "evaluation",
    }
}

word_enum! {
    /// How the work of an order is done.
    Mode, "mode" {
        /// Guidance by telephone or video.
        Remote = "remote",
        /// By the customer himself, with the organisation's solution.
        SelfRepair = "self_repair",
        /// At the customer's site.
        OnSite = "on_site",
        /// In the organisation's workshop.
        Workshop = "workshop",
    }
}

word_enum! {
    /// Something that happened.
    Event, "event" {
        /// Anybody in the organisation learnt of the case for the first time.
        Received = "received",
        /// The case reached the desk that is responsible for it.
        PassedOn = "passed_on",
        /// The desk spoke with the customer for the first time.
        Contacted = "contacted",
        /// The enquiry was answered.
        Answered = "answered",
        /// The cause of the fault was found, or found to be another.
        Analysed = "analysed",
        /// The fault was analysed and the solution chosen.
        SolutionFixed = "solution_fixed",
        /// The case was solved at once, without a work order.
        Solved = "solved",
        /// The order was given to an engineer or an agency.
        Dispatched = "dispatched",
        /// The customer was told the price.
        Quoted = "quoted",
        /// The customer confirmed the price.
        QuoteConfirmed = "quote_confirmed",
        /// The customer declined to pay.
        QuoteDeclined = "quote_declined",
        /// The engineer left for the site.
        Departed = "departed",
        /// The engineer was at the site.
        Arrived = "arrived",
        /// The work began on site.
        Started = "started",
        /// The service was completed.
        Completed = "completed",
        /// The desk agreed to the engineer's return.
        ReturnAgreed = "return_agreed",
        /// The engineer was back at the company.
        Returned = "returned",
        /// It was noted what the customer owes.
        FeeCharged = "fee_charged",
        /// The customer paid what he owes.
        FeeCollected = "fee_collected",
        /// What he paid was handed in to whoever keeps the accounts.
        FeePaidIn = "fee_paid_in",
        /// What he owes was invoiced.
        Invoiced = "invoiced",
        /// Goods of the customer were taken away to be repaired.
        TakenAway = "taken_away",
        /// Their repair began.
        RepairStarted = "repair_started",
        /// They were repaired.
        Repaired = "repaired",
        /// The customer had them back.
        GivenBack = "given_back",
        /// The contract with the customer was made.
        Agreed = "agreed",
        /// Its last day is over; known beforehand.
        AgreementEnds = "agreement_ends",
        /// The items of the slip or the requisition, or what is held in custody, were issued.
        Issued = "issued",
        /// The paper that supports the requisition was made.
        Supported = "supported",
        /// The last of the parts that were replaced came back.
        ReplacedReturned = "replaced_returned",
        /// What was held in custody was lost.
        Lost = "lost",
        /// Its holder reported the loss.
        LossReported = "loss_reported",
        /// Of an order: its papers were handed in complete. Of a loan slip: what was issued was handed in.
        HandedIn = "handed_in",
        /// What was handed in was inspected and certified.
        Inspected = "inspected",
        /// Every line of the slip came to zero.
        Zeroed = "zeroed",
        /// The quality of the service and the customer's rating were verified.
        Verified = "verified",
        /// The expenses were audited.
        Audited = "audited",
        /// The product was delivered.
        Delivered = "delivered",
        /// The user was trained.
        Trained = "trained",
        /// The customer sent in the registration form.
        Registered = "registered",
        /// The customer bought the product.
        Purchased = "purchased",
        /// The goods reached the customer.
        GoodsReceived = "goods_received",
        /// The product was commissioned at the customer's.
        Commissioned = "commissioned",
        /// The product was put under power for the first time.
        Energised = "energised",
        /// The customer was granted a remedy that he asked for.
        Granted = "granted",
        /// The agreement on the care of the product began.
        AgreementBegan = "agreement_began",
        /// The customer was called in the course of following up.
        FollowUpCall = "follow_up_call",
        /// The period that is rated was over.
        PeriodEnded = "period_ended",
        /// The scores of the period were summed up.
        SummedUp = "summed_up",
        /// The pay that goes by the result was paid.
        Paid = "paid",
    }
}

impl Event {
    /// What the event happens to. A subject also knows the events of what it belongs to: a claim and a slip those of
    /// their order, an order those of its case, a case those of its product.
    #[must_use]
    pub const fn subjects(self) -> &'static [Subject] {
        match self {
            Self::Received
            | Self::PassedOn
            | Self::Contacted
            | Self::Answered
            | Self::Analysed
            | Self::SolutionFixed
            | Self::Solved
            | Self::Granted => &[Subject::Case],
            Self::Dispatched
            | Self::Quoted
            | Self::QuoteConfirmed
            | Self::QuoteDeclined
            | Self::Departed
            | Self::Arrived
            | Self::Started
            | Self::Completed
            | Self::ReturnAgreed
            | Self::Returned
            | Self::FeeCharged
            | Self::FeeCollected
            | Self::FeePaidIn
            | Self::Invoiced => &[Subject::WorkOrder],
            Self::TakenAway | Self::GivenBack => &[Subject::WorkOrder, Subject::Takeaway],
            Self::RepairStarted | Self::Repaired => &[Subject::Takeaway],
            Self::Agreed | Self::AgreementEnds => &[Subject::Agreement],
            Self::HandedIn => &[Subject::WorkOrder, Subject::LoanSlip],
            Self::Issued => &[Subject::LoanSlip, Subject::Requisition, Subject::Custody],
            Self::Inspected | Self::Zeroed => &[Subject::LoanSlip],
            Self::Supported | Self::ReplacedReturned => &[Subject::Requisition],
            Self::Lost | Self::LossReported => &[Subject::Custody],
            Self::Verified | Self::Audited => &[Subject::Claim],
            Self::Delivered
            | Self::Trained
            | Self::Registered
            | Self::Purchased
            | Self::GoodsReceived
            | Self::Commissioned
            | Self::Energised
            | Self::AgreementBegan
            | Self::FollowUpCall => &[Subject::Product],
            Self::PeriodEnded | Self::SummedUp | Self::Paid => &[Subject::Scorecard],
        }
    }
}

impl Subject {
    /// Whether something of this subject is known where `other` is decided: itself and what it belongs to.
    #[must_use]
    pub const fn is_known_to(self, other: Self) -> bool {
        other.chain_contains(self)
    }

    const fn chain_contains(self, ancestor: Self) -> bool {
        self as u8 == ancestor as u8
            || match self {
                Self::Claim | Self::LoanSlip | Self::Requisition | Self::Takeaway => {
                    Self::WorkOrder.chain_contains(ancestor)
                }
                Self::WorkOrder => Self::Case.chain_contains(ancestor),
                Self::Case => Self::Product.chain_contains(ancestor),
                Self::Customer | Self::Product | Self::Agreement | Self::Custody | Self::Scorecard => {
                    Self::Organization.chain_contains(ancestor)
                }
                Self::Organization => false,
            }
    }
}

word_enum! {
    /// A step that a gate may hold back.
    Transition, "transition" {
        /// The receiver decides or solves the case.
        Solve = "solve",
        /// An enquiry is answered.
        Answer = "answer",
        /// What caused the fault is stated.
        Analyse = "analyse",
        /// A remedy that the customer asks for is granted.
        Grant = "grant",
        /// The case is made a work order and given out.
        Dispatch = "dispatch",
        /// Somebody is assigned to the order, by a visit that is planned.
        Schedule = "schedule",
        /// A price is told to the customer.
        Quote = "quote",
        /// The engineer leaves for the site.
        Depart = "depart",
        /// The engineer begins at the site.
        Arrive = "arrive",
        /// The work begins on site.
        Start = "start",
        /// The service is completed.
        Complete = "complete",
        /// The desk agrees to the engineer's return.
        AgreeReturn = "agree_return",
        /// The engineer goes back to the company.
        Return = "return",
        /// The papers of the order are handed in.
        HandIn = "hand_in",
        /// A party of the pack is charged the costs of the service.
        ChargeParty = "charge_party",
        /// It is noted what the customer owes.
        ChargeFee = "charge_fee",
        /// The customer pays what he owes.
        CollectFee = "collect_fee",
        /// What he paid is handed in to whoever keeps the accounts.
        PayInFee = "pay_in_fee",
        /// What he owes is invoiced.
        InvoiceFee = "invoice_fee",
        /// Nothing of the order is outstanding any more.
        Close = "close",
        /// Goods of the customer are taken away to be repaired.
        TakeAway = "take_away",
        /// The repair of goods that were taken away begins.
        StartRepair = "start_repair",
        /// Goods that were taken away are repaired.
        FinishRepair = "finish_repair",
        /// The customer has goods back that were taken away.
        GiveBack = "give_back",
        /// The items of a loan slip are issued.
        Issue = "issue",
        /// The expenses are audited.
        Audit = "audit",
        /// The expenses are reimbursed.
        Reimburse = "reimburse",
        /// The scores of a period are summed up.
        SumUp = "sum_up",
        /// The pay that goes by a result is paid.
        Pay = "pay",
    }
}

impl Transition {
    /// What takes the step.
    #[must_use]
    pub const fn subject(self) -> Subject {
        match self {
            Self::Solve | Self::Answer | Self::Analyse | Self::Grant | Self::Dispatch => Subject::Case,
            Self::Schedule
            | Self::Quote
            | Self::Depart
            | Self::Arrive
            | Self::Start
            | Self::Complete
            | Self::AgreeReturn
            | Self::Return
            | Self::HandIn
            | Self::ChargeParty
            | Self::ChargeFee
            | Self::CollectFee
            | Self::PayInFee
            | Self::InvoiceFee
            | Self::Close
            | Self::TakeAway => Subject::WorkOrder,
            Self::StartRepair | Self::FinishRepair | Self::GiveBack => Subject::Takeaway,
            Self::Issue => Subject::LoanSlip,
            Self::Audit | Self::Reimburse => Subject::Claim,
            Self::SumUp | Self::Pay => Subject::Scorecard,
        }
    }
}

/// When a limit starts or ends: an event, or the putting on record of something, written `record:<kind>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Moment {
    /// The event happened.
    Event(Event),
    /// A record of this kind was made.
    Record(String),
}

/// What a gate may hold back: a transition, or the putting on record of something, written `record:<kind>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Step {
    /// The transition is taken.
    Transition(Transition),
    /// A record of this kind is made.
    Record(String),
}

/// What a consequence follows from: `limit:<id>` broken, or `finding:<kind>` made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Trigger {
    /// A limit of the pack was met late.
    Limit(String),
    /// Something was found against somebody.
    Finding(String),
}

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.strip_prefix("record:") {
            Some(kind) => Ok(Self::Record(kind.to_owned())),
            None => text.parse().map(Self::Event),
        }
    }
}

impl TryFrom<String> for Step {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.strip_prefix("record:") {
            Some(kind) => Ok(Self::Record(kind.to_owned())),
            None => text.parse().map(Self::Transition),
        }
    }
}

impl TryFrom<String> for Trigger {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("limit", id)) => Ok(Self::Limit(id.to_owned())),
            Some(("finding", kind)) => Ok(Self::Finding(kind.to_owned())),
            Some(_) | None => Err(format!("unknown trigger `{text}`; write `limit:<id>` or `finding:<kind>`")),
        }
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

impl From<Step> for String {
    fn from(step: Step) -> Self {
        step.to_string()
    }
}

impl From<Transition> for Step {
    fn from(transition: Transition) -> Self {
        Self::Transition(transition)
    }
}

impl From<Trigger> for String {
    fn from(trigger: Trigger) -> Self {
        trigger.to_string()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(event) => event.fmt(f),
            Self::Record(kind) => write!(f, "record:{kind}"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transition(transition) => transition.fmt(f),
            Self::Record(kind) => write!(f, "record:{kind}"),
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(id) => write!(f, "limit:{id}"),
            Self::Finding(kind) => write!(f, "finding:{kind}"),
        }
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let events = Event::WORDS.iter().map(|(_, word, _)| *word).collect::<Vec<_>>();
        schemars::json_schema!({
            "description": "An event, or `record:<kind>`.",
            "anyOf": [{ "enum": events }, { "type": "string", "pattern": "^record:[a-z0-9_]+$" }],
        })
    }
}

impl JsonSchema for Step {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Step".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let transitions = Transition::WORDS.iter().map(|(_, word, _)| *word).collect::<Vec<_>>();
        schemars::json_schema!({
            "description": "A transition, or `record:<kind>`.",
            "anyOf": [{ "enum": transitions }, { "type": "string", "pattern": "^record:[a-z0-9_]+$" }],
        })
    }
}

impl JsonSchema for Trigger {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Trigger".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "`limit:<id>` or `finding:<kind>`.",
            "type": "string",
            "pattern": "^(limit|finding):[a-z0-9_.]+$",
        })
    }
}
