//! What happens to agencies.

use callout_casework::ids::{self, AgencyId, Id as _};
use callout_contract::dispatch::v1 as pb;
use callout_journal::TenantTx;
use callout_kit::{Caller, Error};

use super::{Agency, store};
use crate::{Dispatch, engineer::display_name};

/// Enters an agency.
pub async fn create(
    _: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateAgencyRequest,
) -> Result<pb::Agency, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.agency.unwrap_or_default();
    let agency = Agency {
        id: AgencyId::new(tx.now()),
        display_name: display_name("agency.display_name", asked.display_name)?,
        party: asked.party,
        created_at: tx.now(),
        version: 1,
    };
    store::insert(tx, &agency).await?;
    let answer = agency.to_proto(tx.organization_id());
    tx.audit_as(answer.name.clone(), tx.now());
    Ok(answer)
}
