//! What happens to an organisation, each in one transaction.

use callout_contract::intake::v1 as pb;
use callout_journal::{Clock, TenantTx, organizations};
use callout_kit::{Caller, Error, Text, parse};

use super::{UPDATABLE, current, fill, first_instant, publish};
use crate::Intake;

/// The organisation that a request for a new one makes.
#[derive(Clone)]
pub enum New {
    /// Lives by the system's clock.
    Live,
    /// Has a clock that its owner moves.
    Sandbox {
        /// Whose it is, `organizations/{org}`.
        owner: String,
        /// Where its clock starts.
        clock: Option<prost_types::Timestamp>,
    },
}

/// Takes an organisation in; the transaction is its own.
pub async fn create(
    intake: &Intake,
    tx: &mut TenantTx,
    asked: pb::Organization,
    new: New,
) -> Result<pb::Organization, Error> {
    let name = format!("organizations/{}", tx.organization_id());
    if tx.organization().is_ok() {
        return Err(Error::AlreadyExists { name });
    }
    let (mode, owner, clock) = match new {
        New::Live => (pb::organization::Mode::Live, String::new(), Clock::Live),
        New::Sandbox { owner, clock } => {
            let now = match clock {
                Some(clock) => parse::timestamp(clock).map_err(|fault| Error::invalid("clock", fault))?,
                None => first_instant(),
            };
            (pb::organization::Mode::Sandbox, owner, Clock::Sandbox { now })
        }
    };
    let mut organization = pb::Organization { name, owner, mode: mode.into(), ..Default::default() };
    fill(&mut organization, &asked, &UPDATABLE, &intake.host.library)?;
    // Of two at the same moment the second waits for the first one's row, and finds that it has written nothing.
    publish(tx, organization, clock, 1).await.map_err(|error| match error {
        Error::NotFound { name } => Error::AlreadyExists { name },
        other => other,
    })
}

/// Changes settings.
pub async fn update(
    intake: &Intake,
    tx: &mut TenantTx,
    _: &Caller,
    request: pb::UpdateOrganizationRequest,
) -> Result<pb::Organization, Error> {
    let asked = request.organization.unwrap_or_default();
    let paths = request.update_mask.unwrap_or_default().paths;
    if paths.is_empty() {
        let known = UPDATABLE.join(", ");
        return Err(Error::invalid(
            "update_mask",
            Text::new(format!("must name some of {known}"), format!("至少包含其一：{known}")),
        ));
    }
    let kept = organizations::lock(tx).await?;
    let (clock, version) = (kept.clock, kept.version);
    let mut organization = current(tx)?;
    let all = paths == ["*"];
    let paths: Vec<&str> = if all { UPDATABLE.to_vec() } else { paths.iter().map(String::as_str).collect() };
    fill(&mut organization, &asked, &paths, &intake.host.library)?;
    publish(tx, organization, clock, version + 1).await
}
