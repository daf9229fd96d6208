//! The service `Surveys`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, SurveyCardId},
    query,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use callout_regulation::calendar::Period;
use tonic::{Request, Response, Status};

use super::{commands, day, store, tally};
use crate::{Evaluation, in_force};

#[tonic::async_trait]
impl pb::surveys_server::Surveys for Evaluation {
    async fn send_call_register(
        &self,
        request: Request<pb::SendCallRegisterRequest>,
    ) -> Result<Response<pb::SurveyDay>, Status> {
        command!(self, request, commands::send_register)
    }

    async fn get_survey_day(
        &self,
        request: Request<pb::GetSurveyDayRequest>,
    ) -> Result<Response<pb::SurveyDay>, Status> {
        query!(self, request, get_day)
    }

    async fn get_survey_tally(
        &self,
        request: Request<pb::GetSurveyTallyRequest>,
    ) -> Result<Response<pb::SurveyTally>, Status> {
        query!(self, request, get_tally)
    }

    async fn create_survey_card(
        &self,
        request: Request<pb::CreateSurveyCardRequest>,
    ) -> Result<Response<pb::SurveyCard>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_survey_card(
        &self,
        request: Request<pb::GetSurveyCardRequest>,
    ) -> Result<Response<pb::SurveyCard>, Status> {
        query!(self, request, get)
    }

    async fn list_survey_cards(
        &self,
        request: Request<pb::ListSurveyCardsRequest>,
    ) -> Result<Response<pb::ListSurveyCardsResponse>, Status> {
        query!(self, request, list)
    }

    async fn answer_survey_card(
        &self,
        request: Request<pb::AnswerSurveyCardRequest>,
    ) -> Result<Response<pb::SurveyCard>, Status> {
        command!(self, request, commands::answer)
    }
}

async fn get_day(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetSurveyDayRequest,
) -> Result<pb::SurveyDay, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let day = commands::date(&request.day)?;
    let regulation = in_force::on(evaluation, tx, "day", day)?;
    regulation.survey(&request.survey).map_err(in_force::refusing(&request.parent))?;
    day::check(tx, &regulation, &request.survey, day).await
}

async fn get_tally(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetSurveyTallyRequest,
) -> Result<pb::SurveyTally, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let day = commands::date(&request.day)?;
    let regulation = in_force::on(evaluation, tx, "day", day)?;
    let survey = regulation.survey(&request.survey).map_err(in_force::refusing(&request.parent))?;
    let month = Period::Month.containing(day).map_err(|fault| Error::Internal(anyhow::Error::new(fault)))?;
    let cards = store::of_person(tx, &request.survey, &request.person, (month.first_on(), month.last_on())).await?;
    let answers = cards.iter().filter_map(|card| card.state.answered());
    Ok(pb::SurveyTally {
        cards: i32::try_from(cards.len()).unwrap_or(i32::MAX),
        counts: tally::count(survey, answers),
        survey: request.survey,
        person: request.person,
        month: format!("{}-{:02}", day.year(), day.month()),
    })
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetSurveyCardRequest,
) -> Result<pb::SurveyCard, Error> {
    let card = store::get(tx, SurveyCardId::of(caller, "name", &request.name)?).await?;
    Ok(card.to_proto(tx.organization_id()))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListSurveyCardsRequest,
) -> Result<pb::ListSurveyCardsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let page = Page::of(&request, request.page_size, &request.page_token, &request.parent)?;
    let (cards, next_page_token) = page.finish(store::page(tx, &page).await?, |last| last.id.uuid())?;
    let survey_cards = cards.iter().map(|card| card.to_proto(tx.organization_id())).collect();
    Ok(pb::ListSurveyCardsResponse { survey_cards, next_page_token })
}
