//! What a rehearsal is asked for.

use std::sync::Arc;

use callout_contract::types::v1::{self as pb, rehearse_request};
use callout_kit::{Error, Text, Violations, parse};
use callout_regulation::{BUILT_IN, Library, Problem, Problems, Regulation, Source, load};
use jiff::Timestamp;

use super::Rehearsal;

/// Characters that a pack may have; those that are built in have a tenth of it.
const LONGEST_PACK: usize = 1_000_000;

/// Reads the request; the organisation in it was looked at before.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong with it, and with the pack in it.
pub(super) async fn read(request: pb::RehearseRequest, library: &Library) -> Result<Rehearsal, Error> {
    let mut violations = Violations::default();
    let from = instant(&mut violations, "from", request.from);
    let to = instant(&mut violations, "to", request.to);
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        violations.add("to", Text::new("must be after `from`", "必须晚于 from"));
    }
    let other = match request.regulation {
        None => {
            violations.add("regulation", Text::new("is required: `revision` or `pack`", "必填：revision 或 pack"));
            None
        }
        Some(rehearse_request::Regulation::Revision(revision)) => {
            violations.take("revision", built_in(library, &revision))
        }
        Some(rehearse_request::Regulation::Pack(text)) => draft(&mut violations, text).await?,
    };
    match (from, to, other) {
        (Some(from), Some(to), Some(other)) if violations.is_empty() => Ok(Rehearsal { other, from, to }),
        _ => Err(violations.into_error()),
    }
}

fn instant(violations: &mut Violations, field: &str, stated: Option<prost_types::Timestamp>) -> Option<Timestamp> {
    let stated = violations.require(field, stated)?;
    violations.take(field, parse::timestamp(stated))
}

fn built_in(library: &Library, revision: &str) -> Result<Arc<Regulation>, Text> {
    library.named(revision).cloned().ok_or_else(|| {
        let known = library.iter().map(|regulation| regulation.revision()).collect::<Vec<_>>().join(", ");
        Text::new(format!("must be one that is built in: {known}"), format!("必须是内置的制度版本：{known}"))
    })
}

/// The regulation of a pack that somebody wrote.
async fn draft(violations: &mut Violations, text: String) -> Result<Option<Arc<Regulation>>, Error> {
    if text.chars().count() > LONGEST_PACK {
        violations.at_most("pack", &text, LONGEST_PACK);
        return Ok(None);
    }
    // Checking a pack takes longer than anything else may that has a thread of the runtime.
    let checked = tokio::task::spawn_blocking(move || load(Source { file: "pack", text: &text }, BUILT_IN)).await;
    match checked.map_err(|fault| Error::Internal(anyhow::Error::new(fault)))? {
        Ok(regulation) => Ok(Some(Arc::new(regulation))),
        Err(Problems(problems)) => {
            for problem in &problems {
                let Problem { line, column, path, message, .. } = problem;
                let zh = format!("第 {line} 行第 {column} 列 {path}：{message}");
                violations.add("pack", Text::new(problem.to_string(), zh));
            }
            Ok(None)
        }
    }
}
