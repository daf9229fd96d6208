//! What the four services do alike with the subjects of a regulation: a case, a work order, a loan slip, a claim, a
//! product.
//!
//! A [`Subject`] is one of them with everything that a decision may look at. What happens to it and what is put on
//! record is added; gates, limits and verdicts are asked of the regulation it is judged by; [`limits::follow`] keeps the
//! timers of its limits. Here too is what every service reads of an organisation ([`Settings`]), how it names its
//! resources ([`ids`]), and what all four do by themselves ([`Worker`]), such as judging a past period by another regulation ([`rehearse`]).

mod gauges;
mod host;
pub mod ids;
pub mod limits;
pub mod message;
pub mod money;
mod occurred;
pub mod rates;
pub mod records;
mod refusal;
pub mod rehearse;
pub mod required;
pub mod sanctions;
mod service;
mod settings;
mod subject;

pub use host::{Host, Work, boxed};
pub use occurred::occurred_at;
pub use refusal::{refused, undecided};
pub use service::{Peers, Service, Worker, follows};
pub use settings::{Settings, day_of, regulation_named};
pub use subject::{Judged, Standing, Subject};
