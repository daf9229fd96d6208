//! The one list of attribute names on spans and metrics.
//!
//! Names of OpenTelemetry's conventions where there is one (RPC: release candidate; database: stable), ours otherwise.

/// The service of the suite whose work the span is; four of them may share a process.
pub const SERVICE: &str = "callout.service";
/// The organisation for which the work is done.
pub const ORGANIZATION: &str = "callout.organization";
/// The case that the work is about; on the root of every trace, since linked traces are found by it.
pub const CASE: &str = "case.id";
/// How far a follower is behind its feed.
pub const JOURNAL_LAG_MS: &str = "journal.lag_ms";

/// `grpc`.
pub const RPC_SYSTEM_NAME: &str = "rpc.system.name";
/// `package.Service/Method`.
pub const RPC_METHOD: &str = "rpc.method";
/// The status code in words, such as `NOT_FOUND`.
pub const RPC_RESPONSE_STATUS_CODE: &str = "rpc.response.status_code";
/// What went wrong, on failed work only; for calls the status code.
pub const ERROR_TYPE: &str = "error.type";
/// Name or address of the server.
pub const SERVER_ADDRESS: &str = "server.address";
/// How often the call was sent again, on calls that were.
pub const RPC_RESEND_COUNT: &str = "rpc.resend_count";

/// `postgresql`.
pub const DB_SYSTEM_NAME: &str = "db.system.name";
/// The statement's verb, such as `INSERT`.
pub const DB_OPERATION_NAME: &str = "db.operation.name";
/// The table, such as `dispatch.work_order`.
pub const DB_COLLECTION_NAME: &str = "db.collection.name";
/// Verb and table in one, with few different values.
pub const DB_QUERY_SUMMARY: &str = "db.query.summary";

/// Histogram of the time that calls took here, in seconds.
pub const SERVER_CALL_DURATION: &str = "rpc.server.call.duration";
/// Histogram of the time that calls to others took, in seconds.
pub const CLIENT_CALL_DURATION: &str = "rpc.client.call.duration";
