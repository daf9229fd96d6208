//! What happens to engineers.

use callout_casework::ids::{self, AgencyId, EngineerId, Id as _};
use callout_contract::dispatch::v1 as pb;
use callout_journal::TenantTx;
use callout_kit::{Caller, Error};

use super::{Engineer, display_name, store};
use crate::{Dispatch, agency};

/// Enters an engineer.
pub async fn create(
    _: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateEngineerRequest,
) -> Result<pb::Engineer, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.engineer.unwrap_or_default();
    let agency = AgencyId::optional(caller, "engineer.agency", &asked.agency)?;
    if let Some(agency) = agency {
        agency::store::get(tx, agency).await?;
    }
    let engineer = Engineer {
        id: EngineerId::new(tx.now()),
        agency,
        display_name: display_name("engineer.display_name", asked.display_name)?,
        subject: asked.subject,
        created_at: tx.now(),
        version: 1,
    };
    store::insert(tx, &engineer).await?;
    let answer = engineer.to_proto(tx.organization_id());
    tx.audit_as(answer.name.clone(), tx.now());
    Ok(answer)
}
