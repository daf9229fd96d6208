//! What inventory knows of the other services' resources.
//!
//! Rows are written from their events. A resource that no event has told of yet is asked for once: a caller who made it a
//! moment ago need not wait for the feed.

pub mod case;
pub mod work_order;
