//! The grounds on which an agreement ends, or may be ended.

use callout_casework::ids::Id as _;
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, events};
use callout_kit::Error;
use callout_regulation::pack::TerminationEffect;
use jiff::Timestamp;

use super::{Agreement, End, History, Notice, State, Step, commands};
use crate::Evaluation;

/// Looks at the grounds again after something has changed at `at`: tells of new ones, drops those that hold no longer, and
/// ends the agreement where one does so by itself.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn review(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    agreement: &mut Agreement,
    history: &mut History,
    at: Timestamp,
) -> Result<(), Error> {
    let regulation = agreement.regulation(&evaluation.host.library)?;
    let terms = agreement.terms(&regulation)?;
    let scores = history.scores(agreement, &regulation)?;
    let holding = regulation.terminations(&agreement.kind, terms, &scores, &history.counted(tx.now()));
    let mut notices = Vec::new();
    let mut fresh = Vec::new();
    for ground in holding {
        let known = agreement.notices.iter().find(|notice| notice.ground == ground.ground);
        let notice = Notice { noticed_at: known.map_or(at, |known| known.noticed_at), ..Notice::new(ground, at) };
        if known.is_none() {
            fresh.push(notice.clone());
        }
        notices.push(notice);
    }
    if notices == agreement.notices {
        return Ok(());
    }
    agreement.notices = notices;
    let name = agreement.id.name(tx.organization_id());
    for notice in &fresh {
        let event = pb::TerminationNoticed { agreement: name.clone(), notice: Some(notice.into()) };
        events::append(tx, &name, &event, at);
    }
    let ends = fresh.iter().find(|notice| notice.effect == TerminationEffect::AtOnce);
    match (ends, &agreement.state) {
        (Some(notice), State::InForce) => {
            let end = End { at, ground: notice.ground.clone(), by: String::new() };
            commands::end(evaluation, tx, agreement, history, Step::Terminate(end)).await.map(drop)
        }
        (Some(_), State::Terminated(_)) | (None, _) => {
            commands::save(evaluation, tx, agreement, history, "noticed", at).await.map(drop)
        }
    }
}
