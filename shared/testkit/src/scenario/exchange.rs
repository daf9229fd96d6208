//! One call of a scenario and what it brought, for whoever watches it being played.

use jiff::Zoned;
use prost_reflect::{DynamicMessage, MethodDescriptor};

use super::refusal::Refusal;

/// One call of a scenario and what it brought.
#[derive(Clone, Debug)]
pub struct Exchange<'a> {
    /// The note of its step; empty when it has none.
    pub note: &'a str,
    /// The sandbox's time, in the scenario's zone.
    pub at: Zoned,
    /// The person who called; empty for whoever opened the sandbox.
    pub by: &'a str,
    /// The roles of that person.
    pub roles: &'a [String],
    /// What was called.
    pub method: &'a MethodDescriptor,
    /// With what.
    pub request: &'a DynamicMessage,
    /// Whether the very same call is made once more, to be answered the same.
    pub repeated: bool,
    /// What came: one message, or those of a stream.
    pub answer: Result<&'a [DynamicMessage], Refusal>,
}

/// Whoever watches: called with every exchange of a scenario, in their order, while it is played.
pub(super) type Observer<'o> = dyn FnMut(&Exchange<'_>) + Send + 'o;
