//! What happens to engineers.

use callout_casework::{
    Settings,
    ids::{self, AgencyId, EngineerId, Id as _},
    refused,
};
use callout_contract::dispatch::v1 as pb;
use callout_journal::TenantTx;
use callout_kit::{Caller, Error, clock};

use super::{Certificate, Engineer, display_name, store};
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
        certificates: Vec::new(),
        created_at: tx.now(),
        version: 1,
    };
    store::insert(tx, &engineer).await?;
    let answer = engineer.to_proto(tx.organization_id());
    tx.audit_as(answer.name.clone(), tx.now());
    Ok(answer)
}

/// Enters a certificate that an engineer holds.
pub async fn certify(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateCertificateRequest,
) -> Result<pb::Engineer, Error> {
    let mut engineer = store::get(tx, EngineerId::of(caller, "parent", &request.parent)?).await?;
    let asked = request.certificate.unwrap_or_default();
    let certificate = Certificate::decode(engineer.id, clock::new_id(tx.now()), asked, tx.now())?;
    let regulation = Settings::of(tx)?.regulation_at(&dispatch.host.library, tx.now())?;
    regulation.certificate(&certificate.kind).map_err(|refusals| refused(&request.parent, refusals))?;
    store::insert_certificate(tx, &engineer, &certificate).await?;
    engineer.certificates.push(certificate);
    let answer = engineer.to_proto(tx.organization_id());
    tx.audit_as(answer.name.clone(), tx.now());
    Ok(answer)
}
