//! Everything that the services do on PostgreSQL, in one place: whose rows a transaction sees, that a request has one
//! effect however often it is sent, what others are told, and what is done later.
//!
//! A service has a [`Journal`]: its schema, through a pool that logs in as its role. The one way to a connection is a
//! [`TenantTx`], in which row level security shows the rows of one organisation: [`Journal::read`] for looking,
//! [`Journal::command`] for a write under a request id, [`follower`] and [`timers`] for what the service does by itself.
//! Whatever they write commits together: the change, its [`events`], its audit entry, the answer kept for a repeated
//! request, the place in the feed that was followed, the timer that is done.
//!
//! # Isolation
//! Commands run under READ COMMITTED and say what they depend on: they lock it (`for update`), compare its version, or
//! leave it to a constraint. Serializable would spare that, but it aborts a duplicate request instead of letting it wait
//! for the first one's answer, and long timers and short commands on the same tables would abort each other for
//! nothing. A deadlock, or a serialization failure of a command that asked for more, runs the whole command again.
//! Reads run under REPEATABLE READ, READ ONLY: all their statements see the same moment.
//!
//! # Statements
//! The journal's own tables exist in the schema of each service and its statements name them without a schema; the
//! `search_path` of the pool does the rest. sqlx's macros check a statement against one schema, so here, and here alone,
//! statements are checked by the tests; the services use the macros, with qualified names.

mod audit;
pub mod backlog;
mod closing;
mod command;
mod cursor;
mod database_error;
pub mod etag;
pub mod events;
pub mod faults;
pub mod feed;
pub mod follower;
mod journal;
pub mod migration;
pub mod numbers;
pub mod organizations;
pub mod paging;
mod reading;
mod service;
pub mod settling;
mod tenant;
pub mod timers;
mod wakeup;

pub use command::{Command, purge_requests};
pub use cursor::Cursor;
pub use database_error::{DatabaseResult, violates};
pub use journal::Journal;
pub use migration::migrate;
pub use organizations::{Clock, Organization};
pub use service::Service;
pub use tenant::TenantTx;
