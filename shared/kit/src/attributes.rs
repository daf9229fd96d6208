//! The one list of attribute names on spans and metrics.
//!
//! Names of OpenTelemetry's conventions where there is one (RPC: release candidate; database: stable), ours otherwise.

/// Declares names, each with what it says.
macro_rules! names {
    ($($(#[doc = $says:literal])+ $name:ident = $text:literal;)+) => {
        $($(#[doc = $says])+ pub const $name: &str = $text;)+

        /// Every name with what it says.
        pub const ALL: &[(&str, &str)] = &[$(($text, concat!($($says),+))),+];
    };
}

names! {
    /// The service of the suite whose work it is; four of them may share a process.
    SERVICE = "callout.service";
    /// The organisation for which the work is done. On spans alone: anybody who administers one opens sandboxes, so that
    /// there is no end to their number.
    ORGANIZATION = "callout.organization";
    /// Whether it happened in a `live` organisation or in a `sandbox`, whose clock is moved by hand.
    MODE = "callout.mode";
    /// The case that the work is about; on the root of every trace, since linked traces are found by it.
    CASE = "case.id";
    /// Where a case stands: `received`, `at_desk`, `solution_fixed`, `dispatched`.
    CASE_STATE = "callout.case.state";
    /// The first that fits of `under_4h`, `under_1d`, `under_3d`, `under_7d`, `under_30d`; `over_30d` for the rest.
    CASE_AGE = "callout.case.age";
    /// What the customer turned to the organisation for: `repair`, `enquiry`, `complaint`, `parts_purchase`.
    CASE_KIND = "callout.case.kind";
    /// What a limit is about: `case`, `work_order`, `loan_slip`, `claim`, `product`.
    SUBJECT = "callout.subject";
    /// A limit of the regulation, such as `arrival`.
    LIMIT = "callout.limit";
    /// A rule of a regulation, such as `R01-34`; `none` where a pack does not know what was asked for, `other` for what is
    /// a rule of no pack.
    RULE = "callout.rule";
    /// What was wanted twice: `engineer_booked` for an engineer in two places, `order_active` for a second order of a case.
    CONFLICT = "callout.conflict";
    /// What a ledger entry follows from: `limit` or `finding`.
    TRIGGER = "callout.trigger";
    /// A consequence of the regulation, such as `audit_late`.
    CONSEQUENCE = "callout.consequence";
    /// The type of an event, such as `callout.intake.v1.CaseReceived`.
    EVENT_TYPE = "callout.event.type";
    /// The service whose feed is followed.
    UPSTREAM = "callout.upstream";

    /// `grpc`.
    RPC_SYSTEM_NAME = "rpc.system.name";
    /// `package.Service/Method`.
    RPC_METHOD = "rpc.method";
    /// The status code in words, such as `NOT_FOUND`.
    RPC_RESPONSE_STATUS_CODE = "rpc.response.status_code";
    /// What went wrong, on failed work only; for calls the status code.
    ERROR_TYPE = "error.type";
    /// Name or address of the server.
    SERVER_ADDRESS = "server.address";
    /// How often the call was sent again, on calls that were.
    RPC_RESEND_COUNT = "rpc.resend_count";

    /// `postgresql`.
    DB_SYSTEM_NAME = "db.system.name";
    /// The statement's verb, such as `INSERT`.
    DB_OPERATION_NAME = "db.operation.name";
    /// The table, such as `dispatch.work_order`.
    DB_COLLECTION_NAME = "db.collection.name";
    /// Verb and table in one, with few different values.
    DB_QUERY_SUMMARY = "db.query.summary";
}
