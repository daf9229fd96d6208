//! What a finding or a rating is about: a case of intake or a work order of dispatch.

use std::sync::Arc;

use callout_casework::{
    ids::{CaseId, Id as _, WorkOrderId},
    regulation_named,
};
use callout_contract::{
    dispatch::v1::{GetWorkOrderRequest, work_orders_client::WorkOrdersClient},
    intake::v1::{GetCaseRequest, cases_client::CasesClient},
    types::v1::Milestone,
};
use callout_kit::{Caller, Error, Text, parse};
use callout_regulation::Regulation;
use jiff::Timestamp;
use tonic::Request;

use crate::Evaluation;

/// What is asked of the service that owns it.
#[derive(Clone, Debug)]
pub struct Concern {
    /// What it is judged by, and so everything about it.
    pub regulation: Arc<Regulation>,
    /// Its first milestone: nothing about it can have happened before.
    pub began_at: Option<Timestamp>,
    /// The kinds of what was put on record with it.
    pub on_record: Vec<String>,
}

impl Concern {
    /// Asks for the case or the order that a caller names in `field`; on his behalf, so what he may not see is not found.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name of neither, and what the other service refuses with.
    pub async fn of(evaluation: &Evaluation, caller: &Caller, field: &str, name: &str) -> Result<Self, Error> {
        let (regulation, milestones, records) = if CaseId::parse(name).is_ok() {
            CaseId::of(caller, field, name)?;
            let mut cases = CasesClient::new(evaluation.peers.intake.clone());
            let case = cases.get_case(Request::new(GetCaseRequest { name: name.to_owned() })).await?.into_inner();
            (case.regulation, case.milestones, case.records)
        } else if WorkOrderId::parse(name).is_ok() {
            WorkOrderId::of(caller, field, name)?;
            let mut orders = WorkOrdersClient::new(evaluation.peers.dispatch.clone());
            let order = GetWorkOrderRequest { name: name.to_owned() };
            let order = orders.get_work_order(Request::new(order)).await?.into_inner();
            (order.regulation, order.milestones, order.records)
        } else {
            let fault = Text::new("must be the name of a case or a work order", "必须是请求或派工单的资源名称");
            return Err(Error::invalid(field, fault));
        };
        Ok(Self {
            regulation: regulation_named(&evaluation.host.library, &regulation)?,
            began_at: milestones.iter().filter_map(instant).min(),
            on_record: records.into_iter().map(|record| record.kind).collect(),
        })
    }
}

fn instant(milestone: &Milestone) -> Option<Timestamp> {
    parse::timestamp(milestone.occurred_at?).ok()
}
