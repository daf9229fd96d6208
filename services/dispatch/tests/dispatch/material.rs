//! The material that is out with an order, as inventory tells of it: scenario S8 of R31.

use callout_casework::Service as _;
use callout_contract::{
    dispatch::v1::{self as pb, work_orders_server::WorkOrders as _},
    events::v1::Event,
    inventory::v1::{
        LoanLine, LoanSlip, LoanSlipProgressed, PartsRequisition, PartsRequisitionProgressed, RequisitionLine,
    },
    types::v1::Record,
};
use callout_journal::TenantTx;
use prost::{Message, Name};
use tonic::{Code, Status};

use crate::support::*;

async fn tell<E: Message + Name>(suite: &Suite, progressed: &E) {
    let event = Event {
        id: request_id(),
        r#type: E::full_name(),
        occurred_at: at("2026-03-09T09:00:00+08:00"),
        payload: prost_types::Any::from_msg(progressed).ok(),
        ..Event::default()
    };
    suite.write(async |tx: &mut TenantTx| suite.dispatch.on_event(tx, &event).await).await;
}

fn slip(order: &str, number: u8, outstanding: &[&str]) -> LoanSlipProgressed {
    let line = |outstanding: &&str| LoanLine { outstanding: (*outstanding).to_owned(), ..LoanLine::default() };
    let loan_slip = LoanSlip {
        name: format!("{ORG}/loanSlips/00000000-0000-0000-0000-00000000000{number}"),
        work_order: order.to_owned(),
        lines: outstanding.iter().map(line).collect(),
        ..LoanSlip::default()
    };
    LoanSlipProgressed { event: "handed_in".to_owned(), loan_slip: Some(loan_slip) }
}

fn requisition(order: &str, outstanding: &str) -> PartsRequisitionProgressed {
    let requisition = PartsRequisition {
        name: format!("{ORG}/partsRequisitions/00000000-0000-0000-0000-000000000001"),
        work_order: order.to_owned(),
        lines: vec![RequisitionLine { outstanding: outstanding.to_owned(), ..RequisitionLine::default() }],
        ..PartsRequisition::default()
    };
    PartsRequisitionProgressed { event: "issued".to_owned(), parts_requisition: Some(requisition) }
}

async fn record(suite: &Suite, order: &str, kind: &str, fields: &[(&str, &str)]) -> Result<pb::WorkOrder, Status> {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let record = Record { kind: kind.to_owned(), fields, ..Record::default() };
    let request =
        pb::CreateWorkOrderRecordRequest { parent: order.to_owned(), record: Some(record), request_id: request_id() };
    suite.dispatch.create_work_order_record(by("pan", "technician", request)).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn what_is_out_on_any_paper_of_an_order_keeps_it_from_being_settled() {
    let suite = Suite::start().await;
    let request = pb::CreateWorkOrderRequest {
        regulation: "R31-power-equipment@1".to_owned(),
        ..opening(&new_case(), Product::Own, pb::WorkMode::OnSite)
    };
    let order = suite.create(request).await.unwrap().name;
    let sheet = [
        ("process", "fuses exchanged"),
        ("service_people", "Pan"),
        ("service_time", "9 March"),
        ("quality_confirmed", "yes"),
        ("signed", "yes"),
        ("stamped", "yes"),
        ("private_user", "no"),
    ];
    record(&suite, &order, "signed_sheet", &sheet).await.unwrap();
    let settle = async || record(&suite, &order, "settlement", &[("material_list", "fuses"), ("amount", "0")]).await;
    let refused = |answer| assert_refused(answer, Code::FailedPrecondition, "RULE_REFUSED", &["R31-33"]);

    tell(&suite, &slip(&order, 1, &["0", "1"])).await;
    tell(&suite, &slip(&order, 2, &["4"])).await;
    refused(settle().await);
    tell(&suite, &slip(&order, 1, &["0", "0"])).await;
    refused(settle().await);
    tell(&suite, &slip(&order, 2, &["0"])).await;
    tell(&suite, &requisition(&order, "2")).await;
    refused(settle().await);
    tell(&suite, &requisition(&order, "0")).await;
    // A slip of no order, and one of an order that is not here, are nobody's.
    tell(&suite, &slip("", 3, &["7"])).await;
    tell(&suite, &slip(&format!("{ORG}/workOrders/{}", request_id()), 4, &["7"])).await;
    settle().await.unwrap();
}
