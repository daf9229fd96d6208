//! The one list of metrics: what each is called, in what it is measured, what it says and by what it is told apart.
//!
//! No attribute has values without end: never an id, never a text that somebody typed, never an organisation. Rules,
//! limits and consequences are those of the packs that are built into the binary.

mod instruments;
mod reference;

pub use instruments::{Attribute, Measurement, Metrics, Observation};
pub use opentelemetry::metrics::Meter;
pub use reference::reference;

use crate::attributes as a;

/// The name of the scope of all metrics of the suite.
pub(crate) const SCOPE: &str = "callout";

/// What measures for the process; it is exported if [`telemetry::init`](crate::telemetry::init) was told where to.
#[must_use]
pub fn meter() -> Meter {
    opentelemetry::global::meter(SCOPE)
}

/// Edges in seconds for calls, as the conventions advise.
const CALL_EDGES_S: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Edges in seconds for what people do: 5, 15 and 30 minutes, 1, 2, 4, 8 and 12 hours, 1, 2, 3, 7, 14 and 30 days.
const FIELD_EDGES_S: &[f64] = &[
    300.0,
    900.0,
    1_800.0,
    3_600.0,
    7_200.0,
    14_400.0,
    28_800.0,
    43_200.0,
    86_400.0,
    172_800.0,
    259_200.0,
    604_800.0,
    1_209_600.0,
    2_592_000.0,
];

/// What is known of a metric before anything is measured.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Its name, which never changes.
    pub name: &'static str,
    /// What it is measured in, in the words of UCUM: `s`, or a thing in braces.
    pub unit: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// The attributes that its values may have.
    pub attributes: &'static [&'static str],
}

/// Declares the metrics of a kind.
macro_rules! metrics {
    ($(#[$about:meta])+ $kind:ident {$(
        $(#[doc = $says:literal])+
        $metric:ident = $name:literal, $unit:literal, [$($attribute:path),+];
    )+}) => {
        $(#[$about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $kind {$(
            $(#[doc = $says])+
            $metric,
        )+}

        impl $kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$metric),+];

            /// What is known of it.
            #[must_use]
            pub const fn definition(self) -> Definition {
                match self {$(
                    Self::$metric => Definition {
                        name: $name,
                        unit: $unit,
                        meaning: concat!($($says),+),
                        attributes: &[$($attribute),+],
                    },
                )+}
            }
        }
    };
}

metrics! {
    /// What is counted when it happens; what happens in a transaction, when that has committed.
    Counter {
        /// Events that were appended to the service's feed.
        EventsAppended = "callout.events.appended", "{event}", [a::SERVICE, a::MODE, a::EVENT_TYPE];
        /// Requests that had been carried out before and were given the first answer again.
        RequestsReplayed = "callout.requests.replayed", "{request}", [a::SERVICE, a::MODE, a::RPC_METHOD];
        /// Refusals by rules of a regulation: one for each rule that refused a call. The method is the transition that was
        /// refused, since the contract has a method for each.
        RulesRefused = "callout.rules.refused", "{refusal}", [a::SERVICE, a::MODE, a::RPC_METHOD, a::RULE];
        /// Calls that were refused because somebody had been faster: the database keeps an engineer from being in two
        /// places and a case from having two active orders.
        ConflictsRefused = "callout.conflicts.refused", "{conflict}", [a::SERVICE, a::MODE, a::CONFLICT];
        /// Limits that were missed, each once: when its time ran out, or when its event came late before that was seen.
        LimitsMissed = "callout.limits.missed", "{limit}", [a::SERVICE, a::MODE, a::SUBJECT, a::LIMIT];
        /// Entries that were made in the ledger of bonus and penalty.
        LedgerEntries = "callout.ledger.entries", "{entry}", [a::SERVICE, a::MODE, a::TRIGGER, a::CONSEQUENCE];
    }
}

metrics! {
    /// What is looked at in the database at intervals, by each replica.
    Gauge {
        /// Cases that are not in a final state, of all organisations; their age by the clock of the organisation.
        CasesOpen = "callout.cases.open", "{case}", [a::SERVICE, a::MODE, a::CASE_STATE, a::CASE_AGE];
        /// Issued loan slips of which something is with the borrower or on the way to him.
        LoansOutstanding = "callout.loans.outstanding", "{slip}", [a::SERVICE, a::MODE];
        /// Those of the loan slips outstanding for which the time has passed by which somebody had to act.
        LoansOverdue = "callout.loans.overdue", "{slip}", [a::SERVICE, a::MODE];
        /// Purchase requisitions that are not fulfilled.
        RequisitionsOpen = "callout.requisitions.open", "{requisition}", [a::SERVICE, a::MODE];
        /// Timers of live organisations whose time has come and that have not run. Those of sandboxes run when a clock is
        /// moved.
        TimersDue = "callout.timers.due", "{timer}", [a::SERVICE];
        /// Those of the timers due whose time came more than a minute ago: nobody works on them, or they fail.
        TimersLate = "callout.timers.late", "{timer}", [a::SERVICE];
        /// How long the oldest event has been waiting that the service has not dealt with in a feed that it follows, in
        /// seconds, begun ones counted; 0 when none waits.
        JournalLag = "callout.journal.lag", "s", [a::SERVICE, a::UPSTREAM];
        /// Events that the service has not dealt with in a feed that it follows. 10,000 stands for that many or more.
        JournalBacklog = "callout.journal.backlog", "{event}", [a::SERVICE, a::UPSTREAM];
    }
}

metrics! {
    /// How long something took.
    Histogram {
        /// From the customer's call until the desk had the case, by when it happened and not by when it was reported.
        CaseAcceptance = "callout.case.acceptance.duration", "s", [a::SERVICE, a::MODE, a::CASE_KIND];
        /// From the customer's call until the desk first contacted him, likewise.
        CaseFirstContact = "callout.case.first_contact.duration", "s", [a::SERVICE, a::MODE, a::CASE_KIND];
        /// Calls that are served here, until the last byte of the answer.
        ServerCallDuration = "rpc.server.call.duration", "s",
            [a::SERVICE, a::RPC_SYSTEM_NAME, a::RPC_METHOD, a::RPC_RESPONSE_STATUS_CODE, a::ERROR_TYPE];
        /// Calls that are made from here, until the last byte of the answer.
        ClientCallDuration = "rpc.client.call.duration", "s",
            [a::SERVICE, a::RPC_SYSTEM_NAME, a::RPC_METHOD, a::RPC_RESPONSE_STATUS_CODE, a::ERROR_TYPE, a::SERVER_ADDRESS];
    }
}

/// Every metric: the word for its kind, and what is known of it.
pub fn all() -> impl Iterator<Item = (&'static str, Definition)> {
    let counters = Counter::ALL.iter().map(|metric| ("counter", metric.definition()));
    let gauges = Gauge::ALL.iter().map(|metric| ("gauge", metric.definition()));
    let histograms = Histogram::ALL.iter().map(|metric| ("histogram", metric.definition()));
    counters.chain(gauges).chain(histograms)
}

impl Histogram {
    /// The edges of its buckets.
    const fn edges(self) -> &'static [f64] {
        match self {
            Self::CaseAcceptance | Self::CaseFirstContact => FIELD_EDGES_S,
            Self::ServerCallDuration | Self::ClientCallDuration => CALL_EDGES_S,
        }
    }

    /// Its instrument.
    pub(crate) fn of(self, meter: &Meter) -> opentelemetry::metrics::Histogram<f64> {
        let Definition { name, unit, meaning, .. } = self.definition();
        let builder = meter.f64_histogram(name).with_unit(unit).with_description(meaning.trim());
        builder.with_boundaries(self.edges().to_vec()).build()
    }
}
