//! The service `Rates`: protobuf in, protobuf out.

use callout_casework::{Settings, day_of, ids, query};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error, parse};
use tonic::{Request, Response, Status};

use super::in_period;
use crate::{Evaluation, in_force};

#[tonic::async_trait]
impl pb::rates_server::Rates for Evaluation {
    async fn list_rates(
        &self,
        request: Request<pb::ListRatesRequest>,
    ) -> Result<Response<pb::ListRatesResponse>, Status> {
        query!(self, request, list)
    }
}

async fn list(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListRatesRequest,
) -> Result<pb::ListRatesResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let filter = (&request.parent, &request.day);
    let page = Page::<String>::of(&request, request.page_size, &request.page_token, &filter)?;
    let now_in_force = Settings::of(tx)?.regulation_at(&evaluation.host.library, tx.now())?;
    let today = day_of(tx.now(), now_in_force.zone());
    let day = match request.day.as_str() {
        "" => today,
        day => parse::date(day).map_err(|fault| Error::invalid("day", fault))?,
    };
    in_force::require_begun(&now_in_force, "day", day, tx.now())?;
    let regulation = in_force::on(evaluation, tx, "day", day)?;
    let mut rates: Vec<_> = regulation.pack().rates.iter().collect();
    rates.sort_by_key(|(id, _)| *id);
    rates.retain(|(id, _)| page.after().is_none_or(|after| *id > after));
    rates.truncate(usize::try_from(page.limit()).unwrap_or(usize::MAX));
    let (rates, next_page_token) = page.finish(rates, |(id, _)| (*id).clone())?;
    let mut listed = Vec::with_capacity(rates.len());
    for (id, rate) in rates {
        listed.push(in_period(tx, &regulation, (id, rate), day, today).await?);
    }
    Ok(pb::ListRatesResponse { rates: listed, next_page_token })
}
