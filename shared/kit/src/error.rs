//! Every way in which a call can fail, and the one place where a failure becomes a gRPC status.

use std::{collections::HashMap, time::Duration};

use callout_contract::types::v1::ErrorReason;
use jiff::Timestamp;
use rust_decimal::Decimal;
use tonic::{Code, Status};

use crate::text::Text;

mod message;
mod status;
mod violations;

pub use status::DOMAIN;
pub use violations::Violations;

/// A failed call. A variant exists because a caller does something different on seeing it.
///
/// `Display` is the English sentence; the caller gets the one of their language.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.text())]
pub enum Error {
    /// Fields of the request are absent or wrong; all of them are listed.
    Invalid(Vec<FieldViolation>),
    /// The `request_id` was used before with other content.
    RequestReused,
    /// No such resource, or none that the caller may see.
    NotFound {
        /// The resource name as the caller gave it.
        name: String,
    },
    /// Another resource has this identifier.
    AlreadyExists {
        /// The name of the resource that is there.
        name: String,
    },
    /// Rules of the regulation refuse; each says what would lift it.
    Refused(Vec<Refusal>),
    /// The resource is in a state in which this cannot be done.
    WrongState {
        /// The resource name.
        name: String,
        /// The state it is in, such as `CLOSED`.
        state: String,
        /// What was asked for, such as `dispatch`.
        attempted: String,
        /// The states in which it could be done; none means in no state from here on.
        allowed: Vec<String>,
    },
    /// A decision needs a setting of the organisation that is missing or not valid at that time.
    SettingMissing {
        /// The setting, such as `tariffs.labour`.
        setting: String,
        /// The rule that needs it.
        rule: String,
    },
    /// The engineer is at another visit in that time.
    EngineerBooked {
        /// The engineer's resource name.
        engineer: String,
        /// Start of the visit that was asked for.
        start_at: Timestamp,
        /// Its end.
        end_at: Timestamp,
    },
    /// The case has an active work order already.
    OrderActive {
        /// The case's resource name.
        case: String,
    },
    /// The place does not hold that quantity.
    StockShort {
        /// The item's resource name.
        item: String,
        /// The place's resource name.
        place: String,
        /// What was asked for.
        wanted: Decimal,
        /// What is there.
        on_hand: Decimal,
    },
    /// The slip line does not have that quantity outstanding.
    LineExceeded {
        /// The line's resource name.
        line: String,
        /// What was to be given back, used up or written off.
        wanted: Decimal,
        /// What is outstanding.
        outstanding: Decimal,
    },
    /// The suite runs without a setting that the method needs; who runs it can set it.
    Unconfigured {
        /// The setting, such as `identity.sandbox_key`.
        setting: &'static str,
    },
    /// Only a sandbox has a clock that can be moved, and only forward.
    ClockFixed {
        /// The organisation's resource name.
        organization: String,
    },
    /// The resource was changed since its etag was read.
    Stale {
        /// The resource name.
        name: String,
    },
    /// No token, or one that does not hold.
    Unauthenticated {
        /// What is wrong with it, without any part of it.
        why: &'static str,
    },
    /// The caller's roles lack the permission that the method names.
    PermissionMissing {
        /// The permission, such as `intake.cases.create`.
        permission: String,
    },
    /// The database or another service cannot answer now.
    Busy {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// Too many calls at once.
    Overloaded {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// The caller's time ran out.
    DeadlineExceeded,
    /// A refusal of another service of the suite, passed on as it is.
    Upstream(Box<Status>),
    /// A fault of ours, or of what we stand on; logged when it becomes a status, told to nobody.
    Internal(#[source] anyhow::Error),
}

/// One field of a request that is absent or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldViolation {
    /// Path in the request, such as `case.customer` or `items[2].quantity`.
    pub field: String,
    /// What is wrong and what would be right.
    pub description: Text,
}

/// The refusal of one rule of a regulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule, such as `R01-34`.
    pub rule: String,
    /// The resource to which it was applied.
    pub subject: String,
    /// What it refuses.
    pub message: Text,
    /// What would lift it, such as `approval: unpaid_service by general_manager`; none means nothing does.
    pub lifted_by: Vec<String>,
}

impl Error {
    /// The status code by which this is answered.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Invalid(_) | Self::RequestReused => Code::InvalidArgument,
            Self::NotFound { .. } => Code::NotFound,
            Self::AlreadyExists { .. } => Code::AlreadyExists,
            Self::Refused(_)
            | Self::WrongState { .. }
            | Self::SettingMissing { .. }
            | Self::EngineerBooked { .. }
            | Self::OrderActive { .. }
            | Self::StockShort { .. }
            | Self::LineExceeded { .. }
            | Self::Unconfigured { .. }
            | Self::ClockFixed { .. } => Code::FailedPrecondition,
            Self::Stale { .. } => Code::Aborted,
            Self::Unauthenticated { .. } => Code::Unauthenticated,
            Self::PermissionMissing { .. } => Code::PermissionDenied,
            Self::Busy { .. } => Code::Unavailable,
            Self::Overloaded { .. } => Code::ResourceExhausted,
            Self::DeadlineExceeded => Code::DeadlineExceeded,
            Self::Upstream(status) => status.code(),
            Self::Internal(_) => Code::Internal,
        }
    }

    /// The reason in the answer's `ErrorInfo`; none for [`Error::Upstream`], whose answer has its own.
    #[must_use]
    pub fn reason(&self) -> Option<ErrorReason> {
        Some(match self {
            Self::Invalid(_) => ErrorReason::FieldInvalid,
            Self::RequestReused => ErrorReason::RequestIdReused,
            Self::NotFound { .. } => ErrorReason::ResourceNotFound,
            Self::AlreadyExists { .. } => ErrorReason::ResourceExists,
            Self::Refused(_) => ErrorReason::RuleRefused,
            Self::WrongState { .. } => ErrorReason::StateWrong,
            Self::SettingMissing { .. } => ErrorReason::SettingMissing,
            Self::EngineerBooked { .. } => ErrorReason::EngineerBooked,
            Self::OrderActive { .. } => ErrorReason::OrderActive,
            Self::StockShort { .. } => ErrorReason::StockShort,
            Self::LineExceeded { .. } => ErrorReason::LineExceeded,
            Self::Unconfigured { .. } => ErrorReason::ServiceUnconfigured,
            Self::ClockFixed { .. } => ErrorReason::ClockFixed,
            Self::Stale { .. } => ErrorReason::EtagStale,
            Self::Unauthenticated { .. } => ErrorReason::TokenInvalid,
            Self::PermissionMissing { .. } => ErrorReason::PermissionMissing,
            Self::Busy { .. } => ErrorReason::ServiceBusy,
            Self::Overloaded { .. } => ErrorReason::ServiceOverloaded,
            Self::DeadlineExceeded => ErrorReason::DeadlineExceeded,
            Self::Upstream(_) => return None,
            Self::Internal(_) => ErrorReason::Internal,
        })
    }

    /// Every variable of the message, by its name in lowerCamelCase.
    #[must_use]
    pub fn metadata(&self) -> HashMap<String, String> {
        let pairs: Vec<(&str, String)> = match self {
            Self::Invalid(violations) => vec![("violations", violations.len().to_string())],
            Self::Refused(refusals) => vec![("rules", joined(refusals.iter().map(|refusal| refusal.rule.as_str())))],
            Self::NotFound { name } | Self::AlreadyExists { name } | Self::Stale { name } => {
                vec![("name", name.clone())]
            }
            Self::WrongState { name, state, attempted, allowed } => vec![
                ("name", name.clone()),
                ("state", state.clone()),
                ("attempted", attempted.clone()),
                ("allowed", joined(allowed.iter().map(String::as_str))),
            ],
            Self::SettingMissing { setting, rule } => vec![("setting", setting.clone()), ("rule", rule.clone())],
            Self::EngineerBooked { engineer, start_at, end_at } => {
                vec![("engineer", engineer.clone()), ("startAt", start_at.to_string()), ("endAt", end_at.to_string())]
            }
            Self::OrderActive { case } => vec![("case", case.clone())],
            Self::StockShort { item, place, wanted, on_hand } => vec![
                ("item", item.clone()),
                ("place", place.clone()),
                ("wanted", wanted.to_string()),
                ("onHand", on_hand.to_string()),
            ],
            Self::LineExceeded { line, wanted, outstanding } => {
                vec![("line", line.clone()), ("wanted", wanted.to_string()), ("outstanding", outstanding.to_string())]
            }
            Self::Unconfigured { setting } => vec![("setting", (*setting).to_owned())],
            Self::ClockFixed { organization } => vec![("organization", organization.clone())],
            Self::Unauthenticated { why } => vec![("why", (*why).to_owned())],
            Self::PermissionMissing { permission } => vec![("permission", permission.clone())],
            Self::RequestReused
            | Self::Busy { .. }
            | Self::Overloaded { .. }
            | Self::DeadlineExceeded
            | Self::Upstream(_)
            | Self::Internal(_) => Vec::new(),
        };
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// A request of which one field is wrong.
    pub fn invalid(field: impl Into<String>, description: impl Into<Text>) -> Self {
        Self::Invalid(vec![FieldViolation { field: field.into(), description: description.into() }])
    }
}

/// How long to wait before a call is sent again whose answer was lost with its connection.
const AFTER_A_LOST_CONNECTION: Duration = Duration::from_millis(100);

/// A refusal of a service that was called on behalf of the caller.
///
/// What the caller can act on is passed on. What they cannot, a fault there or a credential of ours that was refused,
/// is a fault of ours.
impl From<Status> for Error {
    fn from(status: Status) -> Self {
        match status.code() {
            Code::DeadlineExceeded => Self::DeadlineExceeded,
            // No answer of a server has a cause on this side: the connection was lost while the answer was read.
            Code::Unknown | Code::Internal if std::error::Error::source(&status).is_some() => {
                Self::Busy { retry_after: AFTER_A_LOST_CONNECTION }
            }
            Code::Ok
            | Code::Unknown
            | Code::Internal
            | Code::DataLoss
            | Code::Unimplemented
            | Code::Unauthenticated => Self::Internal(anyhow::Error::new(status).context("a called service failed")),
            Code::Cancelled
            | Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::ResourceExhausted
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable => Self::Upstream(Box::new(status)),
        }
    }
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut words: Vec<&str> = words.collect();
    words.dedup();
    words.join(",")
}
