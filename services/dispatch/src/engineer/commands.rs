//! What happens to engineers.

use callout_casework::{
    Settings,
    ids::{self, AgencyId, EngineerId, Id as _},
    refused,
};
use callout_contract::dispatch::v1 as pb;
use callout_journal::TenantTx;
use callout_kit::{Caller, Error, Text, clock};
use callout_regulation::Regulation;

use super::{Certificate, Engineer, display_name, store};
use crate::{Dispatch, agency};

/// Enters an engineer.
pub async fn create(
    dispatch: &Dispatch,
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
    if !asked.roles.is_empty() {
        let regulation = Settings::of(tx)?.regulation_at(&dispatch.host.library, tx.now())?;
        require_known(&regulation, &asked.roles)?;
    }
    let engineer = Engineer {
        id: EngineerId::new(tx.now()),
        agency,
        display_name: display_name("engineer.display_name", asked.display_name)?,
        subject: asked.subject,
        roles: asked.roles,
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

/// Refuses roles that the pack does not have.
fn require_known(regulation: &Regulation, roles: &[String]) -> Result<(), Error> {
    let declared = &regulation.pack().roles;
    if roles.iter().all(|role| declared.contains_key(role)) {
        return Ok(());
    }
    let known = declared.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    Err(Error::invalid("engineer.roles", Text::new(format!("must be roles: {known}"), format!("必须是岗位：{known}"))))
}
