//! What a row keeps as one `document`: the part of a noun that no statement looks into.

use anyhow::Context as _;
use callout_kit::Error;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

/// Reads the document of the row `id` of `table`.
///
/// # Errors
/// [`Error::Internal`] naming both when it cannot be read.
pub fn read<T: DeserializeOwned>(table: &str, id: Uuid, document: Value) -> Result<T, Error> {
    serde_json::from_value(document)
        .with_context(|| format!("dispatch.{table} {id}: document"))
        .map_err(Error::Internal)
}

/// Writes a document.
///
/// # Errors
/// [`Error::Internal`] when it cannot be written as JSON.
pub fn write(of: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(of).map_err(|fault| Error::Internal(fault.into()))
}

#[cfg(test)]
mod tests {
    use callout_contract::regulation::v1::{Explanation, Verdict, verdict::Outcome};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Entitled {
        #[serde(with = "callout_casework::message")]
        verdict: Verdict,
    }

    #[test]
    fn a_message_in_a_document_is_readable_and_comes_back_whole() {
        let entitled = Entitled {
            verdict: Verdict {
                outcome: Outcome::Free.into(),
                notify_before: vec!["korean_partner".to_owned()],
                explanation: Some(Explanation { rule: "R01-06".to_owned(), ..Explanation::default() }),
                ..Verdict::default()
            },
        };
        let document = write(&entitled).unwrap();
        assert_eq!(document["verdict"]["outcome"], "OUTCOME_FREE");
        assert_eq!(read::<Entitled>("work_order", Uuid::nil(), document).unwrap(), entitled);
    }

    #[test]
    fn a_document_that_cannot_be_read_names_its_row() {
        let error = read::<Entitled>("work_order", Uuid::nil(), Value::Null).unwrap_err();
        let Error::Internal(cause) = error else { panic!("{error}") };
        assert!(cause.to_string().starts_with("dispatch.work_order 00000000-"), "{cause}");
    }
}
