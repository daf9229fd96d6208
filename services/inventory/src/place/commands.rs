//! What happens to places, each in one transaction.

use callout_casework::ids::{self, Id as _, PlaceId};
use callout_contract::inventory::v1 as pb;
use callout_journal::TenantTx;
use callout_kit::{Caller, Error, Violations, parse};

use super::{Kind, Place, store};
use crate::{Inventory, item};

/// Enters a place.
pub async fn create(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreatePlaceRequest,
) -> Result<pb::Place, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.place.unwrap_or_default();
    let mut violations = Violations::default();
    let display_name = violations.take("place.display_name", item::name(asked.display_name));
    let kind = violations.take("place.kind", parse::enumeration(asked.kind)).and_then(Kind::decode);
    let (Some(display_name), Some(kind)) = (display_name, kind) else { return Err(violations.into_error()) };
    let now = tx.now();
    let place = Place { id: PlaceId::new(now), version: 1, display_name, kind, created_at: now };
    store::insert(tx, &place).await?;
    let answer = place.to_proto(tx.organization_id());
    tx.audit_as(answer.name.clone(), now);
    Ok(answer)
}
