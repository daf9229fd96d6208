//! The service `Settlements`: protobuf in, protobuf out.

use std::collections::{BTreeMap, btree_map::Entry};

use callout_casework::{
    command,
    ids::{self, AgreementId, Id as _, SettlementId},
    query,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};

use super::{
    Settlement, commands,
    store::{self, Key},
};
use crate::{
    Evaluation,
    agreement::{self, Agreement, History},
};

#[tonic::async_trait]
impl pb::settlements_server::Settlements for Evaluation {
    async fn get_settlement(
        &self,
        request: Request<pb::GetSettlementRequest>,
    ) -> Result<Response<pb::Settlement>, Status> {
        query!(self, request, get)
    }

    async fn list_settlements(
        &self,
        request: Request<pb::ListSettlementsRequest>,
    ) -> Result<Response<pb::ListSettlementsResponse>, Status> {
        query!(self, request, list)
    }

    async fn score_settlement(
        &self,
        request: Request<pb::ScoreSettlementRequest>,
    ) -> Result<Response<pb::Settlement>, Status> {
        command!(self, request, commands::score)
    }

    async fn sign_settlement(
        &self,
        request: Request<pb::SignSettlementRequest>,
    ) -> Result<Response<pb::Settlement>, Status> {
        command!(self, request, commands::sign)
    }

    async fn return_settlement(
        &self,
        request: Request<pb::ReturnSettlementRequest>,
    ) -> Result<Response<pb::Settlement>, Status> {
        command!(self, request, commands::give_back)
    }
}

async fn get(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetSettlementRequest,
) -> Result<pb::Settlement, Error> {
    let settlement = store::get(tx, SettlementId::of(caller, "name", &request.name)?).await?;
    let (agreement, history) = behind(tx, settlement.agreement).await?;
    show(evaluation, tx, &settlement, &agreement, &history)
}

async fn list(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListSettlementsRequest,
) -> Result<pb::ListSettlementsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let agreement = AgreementId::optional(caller, "agreement", &request.agreement)?;
    let filter = (&request.parent, &request.agreement);
    let page = Page::<Key>::of(&request, request.page_size, &request.page_token, &filter)?;
    let settlements = store::page(tx, &page, agreement).await?;
    let (settlements, next_page_token) = page.finish(settlements, |last| (last.agreement.uuid(), last.first_on))?;
    let mut known = BTreeMap::new();
    let mut answers = Vec::new();
    for settlement in settlements {
        let (agreement, history) = match known.entry(settlement.agreement) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(behind(tx, settlement.agreement).await?),
        };
        answers.push(show(evaluation, tx, &settlement, agreement, history)?);
    }
    Ok(pb::ListSettlementsResponse { settlements: answers, next_page_token })
}

/// The agreement of a settlement and everything under it.
async fn behind(tx: &mut TenantTx, agreement: AgreementId) -> Result<(Agreement, History), Error> {
    Ok((agreement::store::get(tx, agreement).await?, History::of(tx, agreement).await?))
}

fn show(
    evaluation: &Evaluation,
    tx: &TenantTx,
    settlement: &Settlement,
    agreement: &Agreement,
    history: &History,
) -> Result<pb::Settlement, Error> {
    let regulation = agreement.regulation(&evaluation.host.library)?;
    settlement.to_proto(tx, agreement, &regulation, history)
}
