//! Scenarios: files that say who calls what when, and what must come of it.
//!
//! A file holds a scenario. One that needs several sandboxes, to show the same case a day earlier or under another regulation,
//! has a document for each, with an id of its own; it passes when all of them do. The runner knows the contract, by its descriptors,
//! and no regulation: nothing in a file has a meaning here beyond a call, an answer and the clock.
//!
//! ```yaml
//! scenario: R01-S5                     # names it, once among all files
//! title: Competitor's machine and the queue
//! rules: [R01-17, R01-18]              # the rules that it shows
//! zone: Asia/Shanghai                  # of the civil times below
//! organization:                        # proto JSON of the sandbox's organisation
//!   adoptions: [{pack: R01-aerial-platforms, revision: 1, effectiveAt: 2026-01-01 00:00}]
//! starts_at: 2026-03-01 08:00          # the sandbox's clock at first
//! people:                              # who acts, and in which roles
//!   clerk: [sales]
//!   wang: {roles: [engineer], agency: "${agency}"}
//! steps:
//!   - note: The clerk takes the call   # told when it fails
//!     at: 2026-03-06 16:10             # moves the clock; never back
//!     as: clerk                        # none: whoever opened the sandbox
//!     call: callout.intake.v1.Cases/CreateCase
//!     request: {parent: "${org}", case: {kind: KIND_REPAIR, fault: Hums}}
//!     save: {case: name}               # variable: path in the answer
//!     expect: {state: STATE_RECEIVED, limits: {$contains: [{limit: arrival, dueAt: 2026-03-07 16:10}]}}
//!     again: true                      # the same call once more must bring the same answer
//!   - at: 2026-04-01                   # only moves the clock
//!   - as: wang
//!     call: callout.intake.v1.Cases/SolveCase
//!     request: {name: "${case}"}
//!     refused: {code: FAILED_PRECONDITION, reason: RULE_REFUSED, rules: [R01-06], metadata: {rules: R01-06}}
//! ```
//!
//! - A scalar has the type of the field it is written for: `1.20` in a text field is the text `1.20`. Instants are civil
//!   times of the zone or have an offset; spans are written `32h`, `90m`.
//! - Fields go by either name, `dueAt` or `due_at`. `${variable.path[0]}` stands for what an earlier step saved, alone as
//!   a whole value or inside of a text; `${org}` is the sandbox.
//! - A `request_id` that the file does not give is filled in.
//! - An expectation is a subset: objects by the fields named, lists element by element. `{$contains: […]}`,
//!   `{$length: n}`, `{$absent: true}` and `{$not: …}` say otherwise, alone or together; `~` is `{$absent: true}`. An
//!   `Any` is read by its `"@type"`.
//! - A refusal names its `code`, its `reason`, exactly its `rules` and `fields`, and any of its `metadata`.
//! - The answer of a stream is the list of its messages.
//! - After a write, and whenever the clock moves, the services settle before the next call, so that what one owes another
//!   has happened.

mod call;
mod difference;
mod exchange;
mod expect;
mod model;
mod outcome;
mod path;
mod play;
mod problem;
mod read;
mod recorder;
mod refusal;
mod report;
mod sandbox;
mod shape;
mod source;
mod step;
mod target;
mod template;
mod time;

pub use call::Patience;
pub use difference::Difference;
pub use exchange::Exchange;
pub use model::Scenario;
pub use outcome::{Failure, Outcome, Summary};
pub use play::{play, watch};
pub use problem::{Position, Problem, Problems};
pub use read::{parse, read};
pub use refusal::Refusal;
pub use report::{Format, Reporter};
pub use target::Target;
