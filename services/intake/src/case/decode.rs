//! The words of the contract and those of the domain.

use callout_casework::money;
use callout_contract::{dispatch::v1 as dispatch, intake::v1 as pb};
use callout_kit::{Error, Violations, parse};
use rust_decimal::Decimal;

use super::{Cause, Channel, Granted, Kind, LONGEST_TEXT, Mode, Solution, SolutionOption, State};

impl Kind {
    /// Its word in the vocabulary.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Repair => "repair",
            Self::Enquiry => "enquiry",
            Self::Complaint => "complaint",
            Self::PartsPurchase => "parts_purchase",
        }
    }

    /// The kind that a request asks for; none for one that says none.
    pub fn decode(kind: pb::case::Kind) -> Option<Self> {
        match kind {
            pb::case::Kind::Unspecified => None,
            pb::case::Kind::Repair => Some(Self::Repair),
            pb::case::Kind::Enquiry => Some(Self::Enquiry),
            pb::case::Kind::Complaint => Some(Self::Complaint),
            pb::case::Kind::PartsPurchase => Some(Self::PartsPurchase),
        }
    }
}

impl From<Kind> for pb::case::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Repair => Self::Repair,
            Kind::Enquiry => Self::Enquiry,
            Kind::Complaint => Self::Complaint,
            Kind::PartsPurchase => Self::PartsPurchase,
        }
    }
}

impl Channel {
    /// Its word in the vocabulary.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Letter => "letter",
            Self::Email => "email",
            Self::Visitor => "visitor",
            Self::Online => "online",
        }
    }
}

impl From<pb::case::Channel> for Channel {
    fn from(channel: pb::case::Channel) -> Self {
        match channel {
            pb::case::Channel::Unspecified | pb::case::Channel::Phone => Self::Phone,
            pb::case::Channel::Letter => Self::Letter,
            pb::case::Channel::Email => Self::Email,
            pb::case::Channel::Visitor => Self::Visitor,
            pb::case::Channel::Online => Self::Online,
        }
    }
}

impl From<Channel> for pb::case::Channel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Phone => Self::Phone,
            Channel::Letter => Self::Letter,
            Channel::Email => Self::Email,
            Channel::Visitor => Self::Visitor,
            Channel::Online => Self::Online,
        }
    }
}

impl From<&Granted> for pb::GrantedRemedy {
    fn from(granted: &Granted) -> Self {
        Self {
            remedy: granted.remedy.clone(),
            granted_at: Some(parse::to_timestamp(granted.at)),
            granted_by: granted.by.clone(),
            explanation: Some(granted.explanation.clone()),
        }
    }
}

impl Cause {
    /// Its word in the vocabulary.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Misuse => "misuse",
            Self::Other => "other",
        }
    }

    /// The cause that a request states; none for one that states none.
    pub fn decode(cause: pb::case::Cause) -> Option<Self> {
        match cause {
            pb::case::Cause::Unspecified => None,
            pb::case::Cause::Quality => Some(Self::Quality),
            pb::case::Cause::Misuse => Some(Self::Misuse),
            pb::case::Cause::Other => Some(Self::Other),
        }
    }
}

impl From<Cause> for pb::case::Cause {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Quality => Self::Quality,
            Cause::Misuse => Self::Misuse,
            Cause::Other => Self::Other,
        }
    }
}

impl From<&State> for pb::case::State {
    fn from(state: &State) -> Self {
        match state {
            State::Received => Self::Received,
            State::AtDesk => Self::AtDesk,
            State::SolutionFixed { .. } => Self::SolutionFixed,
            State::Dispatched { .. } => Self::Dispatched,
            State::Answered { .. } => Self::Answered,
            State::SolvedAtOnce { .. } | State::Solved { .. } => Self::Solved,
            State::Cancelled { .. } => Self::Cancelled,
        }
    }
}

impl Mode {
    /// Its word in the vocabulary.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Remote => "remote",
            Self::SelfRepair => "self_repair",
            Self::OnSite => "on_site",
            Self::Workshop => "workshop",
        }
    }

    fn decode(mode: pb::solution::Mode) -> Option<Self> {
        match mode {
            pb::solution::Mode::Unspecified => None,
            pb::solution::Mode::Remote => Some(Self::Remote),
            pb::solution::Mode::SelfRepair => Some(Self::SelfRepair),
            pb::solution::Mode::OnSite => Some(Self::OnSite),
            pb::solution::Mode::Workshop => Some(Self::Workshop),
        }
    }
}

impl From<Mode> for pb::solution::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Remote => Self::Remote,
            Mode::SelfRepair => Self::SelfRepair,
            Mode::OnSite => Self::OnSite,
            Mode::Workshop => Self::Workshop,
        }
    }
}

impl From<Mode> for dispatch::WorkMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Remote => Self::Remote,
            Mode::SelfRepair => Self::SelfRepair,
            Mode::OnSite => Self::OnSite,
            Mode::Workshop => Self::Workshop,
        }
    }
}

impl Solution {
    /// The solution chosen and the others looked at.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong in any of them.
    pub fn decode(chosen: &pb::Solution, alternatives: &[pb::Solution]) -> Result<Self, Error> {
        let mut violations = Violations::default();
        let mode = violations.take_mode("solution.mode", chosen.mode);
        let distance_km = violations.take_optional("solution.distance_km", &chosen.distance_km);
        let plan = chosen.plan.clone();
        violations.at_most("solution.plan", &plan, LONGEST_TEXT);
        let mut options = vec![SolutionOption::decode("solution", chosen, &mut violations)];
        for (index, alternative) in alternatives.iter().enumerate() {
            options.push(SolutionOption::decode(&format!("alternatives[{index}]"), alternative, &mut violations));
        }
        let options: Option<Vec<_>> = options.into_iter().collect();
        match (mode, options, violations.is_empty()) {
            (Some(mode), Some(options), true) => Ok(Self { mode, distance_km, options, plan }),
            _ => Err(violations.into_error()),
        }
    }
}

impl SolutionOption {
    fn decode(field: &str, solution: &pb::Solution, violations: &mut Violations) -> Option<Self> {
        let mode = Mode::decode(solution.mode());
        if mode.is_none() && field != "solution" {
            violations.take_mode(format!("{field}.mode"), solution.mode);
        }
        let company_cost = violations.take_optional(format!("{field}.company_cost"), &solution.company_cost);
        let customer_cost = violations.take_optional(format!("{field}.customer_cost"), &solution.customer_cost);
        Some(Self {
            mode: mode?,
            solves: solution.solves,
            company_cost: company_cost.unwrap_or_default(),
            customer_cost: customer_cost.unwrap_or_default(),
        })
    }
}

impl From<&Solution> for pb::Solution {
    fn from(solution: &Solution) -> Self {
        let chosen = solution.options.first();
        let cost = |cost: fn(&SolutionOption) -> Decimal| chosen.map(cost).map(money::written).unwrap_or_default();
        Self {
            mode: pb::solution::Mode::from(solution.mode).into(),
            distance_km: solution.distance_km.map(money::plain).unwrap_or_default(),
            solves: chosen.is_some_and(|chosen| chosen.solves),
            company_cost: cost(|chosen| chosen.company_cost),
            customer_cost: cost(|chosen| chosen.customer_cost),
            plan: solution.plan.clone(),
        }
    }
}

/// Fields that only this noun has.
trait Fields {
    fn take_mode(&mut self, field: impl Into<String>, mode: i32) -> Option<Mode>;
    fn take_optional(&mut self, field: impl Into<String>, number: &str) -> Option<Decimal>;
}

impl Fields for Violations {
    fn take_mode(&mut self, field: impl Into<String>, mode: i32) -> Option<Mode> {
        self.take(field, parse::enumeration::<pb::solution::Mode>(mode)).and_then(Mode::decode)
    }

    fn take_optional(&mut self, field: impl Into<String>, number: &str) -> Option<Decimal> {
        if number.is_empty() { None } else { self.take(field, parse::amount(number)) }
    }
}
