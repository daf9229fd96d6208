//! The part of a row that SQL does not look into.

use callout_kit::Error;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

/// A domain value as its row keeps it.
///
/// # Errors
/// [`Error::Internal`] when it cannot be written as JSON.
pub fn encode(value: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|fault| Error::Internal(fault.into()))
}

/// The domain value that the row `id` of `table` keeps.
///
/// # Errors
/// [`Error::Internal`] naming table and row when it keeps something else.
pub fn decode<T: DeserializeOwned>(table: &str, id: Uuid, document: Value) -> Result<T, Error> {
    serde_json::from_value(document).map_err(|fault| broken(table, id, fault))
}

/// A row that stands for nothing: a fault of ours.
pub fn broken(table: &str, id: Uuid, fault: impl Into<anyhow::Error>) -> Error {
    Error::Internal(fault.into().context(format!("inventory.{table} {id}")))
}
