//! The part of a row that SQL need not look into, as JSON.

use callout_kit::Error;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

/// The document of a row that is to be written.
///
/// # Errors
/// [`Error::Internal`] for what JSON cannot say.
pub fn write(what: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(what).map_err(|fault| Error::Internal(fault.into()))
}

/// What the document of a row stands for.
///
/// # Errors
/// [`Error::Internal`] naming the table and the row whose document says something else.
pub fn read<T: DeserializeOwned>(table: &str, id: Uuid, document: Value) -> Result<T, Error> {
    serde_json::from_value(document)
        .map_err(|fault| Error::Internal(anyhow::Error::new(fault).context(format!("evaluation.{table} {id}"))))
}
