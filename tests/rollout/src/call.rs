//! What the clients are asked to do, the same for all of them, and what they say of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Stands in a request for an id that no other call has.
pub const FRESH_ID: &str = "$uuid";

/// The code of a call that was answered.
pub const OK: &str = "OK";

/// What a client is asked to do.
#[derive(Clone, Debug, Serialize)]
pub struct Task {
    /// Where each service is, by its name: `dns://name-server/name:port`.
    pub targets: BTreeMap<String, String>,
    /// Sent with each call.
    pub token: String,
    /// Time for each call, in milliseconds.
    pub deadline_ms: u64,
    /// What is called, one after the other and over again.
    pub calls: Vec<Call>,
    /// How it is called.
    pub pace: Pace,
}

/// How calls follow one another. None waits for the one before.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// One in every so many microseconds, until standard input ends.
    EveryUs(u64),
    /// Each of them so often, all at once; then it is over.
    AtOnce(u64),
}

/// A call.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// The service, by its name.
    pub service: &'static str,
    /// The protobuf service, such as `callout.intake.v1.Cases`.
    pub of: &'static str,
    /// The method, such as `CreateCase`.
    pub method: &'static str,
    /// The request in the JSON of protobuf; [`FRESH_ID`] in it is replaced.
    pub request: Value,
    /// Whether the answer is a stream, which is read to its end.
    pub streams: bool,
}

impl Call {
    /// A call with one answer.
    pub const fn unary(service: &'static str, of: &'static str, method: &'static str, request: Value) -> Self {
        Self { service, of, method, request, streams: false }
    }

    /// The name under which the clients count it.
    pub fn path(&self) -> String {
        format!("/{}/{}", self.of, self.method)
    }
}

/// What a client says at its end.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Library and language, with their versions.
    pub client: String,
    /// Calls by path and code.
    pub codes: BTreeMap<String, BTreeMap<String, u64>>,
    /// The first failures, in words.
    pub failures: Vec<Failure>,
    /// The slowest call that was answered, in milliseconds.
    pub slowest_ms: u64,
}

/// A call that failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// What was called.
    pub path: String,
    /// The code of the answer.
    pub code: String,
    /// What was said with it.
    pub message: String,
}

/// Failures of which the words are kept.
const FAILURES_KEPT: usize = 20;

impl Outcome {
    /// Counts a call that was answered or failed.
    pub fn count(&mut self, path: &str, code: &str, message: &str, at_ms: i64) {
        *self.codes.entry(path.to_owned()).or_default().entry(code.to_owned()).or_default() += 1;
        if code != OK && self.failures.len() < FAILURES_KEPT {
            let (path, code, message) = (path.to_owned(), code.to_owned(), message.to_owned());
            self.failures.push(Failure { at_ms, path, code, message });
        }
    }

    /// How many calls were made.
    pub fn calls(&self) -> u64 {
        self.by_code().values().sum()
    }

    /// How many calls failed.
    pub fn failed(&self) -> u64 {
        self.by_code().into_iter().filter(|(code, _)| code != OK).map(|(_, count)| count).sum()
    }

    /// The calls of all methods by their code.
    pub fn by_code(&self) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        for (code, count) in self.codes.values().flatten() {
            *sums.entry(code.clone()).or_default() += count;
        }
        sums
    }
}
