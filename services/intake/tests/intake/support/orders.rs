//! What dispatch has, by its own RPCs, and what becomes of it there.

use callout_casework::Service as _;
use callout_contract::{
    dispatch::v1::{
        self as dispatch, engineers_client::EngineersClient, feed_client::FeedClient,
        work_orders_client::WorkOrdersClient,
    },
    events::v1::{Event, SubscribeRequest},
    regulation::v1::{Verdict, verdict::Outcome},
    types::v1::{Milestone, Record},
};
use callout_journal::{Command, TenantTx};
use callout_kit::{Caller, Error};
use prost::Name;
use tonic::{Response, Status, transport};

use super::{
    LAB, ORG, REGULATION, at, paper,
    people::{by, caller, desk, from},
    request_id,
    suite::Suite,
};

/// What R01 has on record before a departure.
const BEFORE_DEPARTURE: [&str; 5] =
    ["plan_told_again", "precautions_told", "transport_and_lodging", "parts_and_tools", "feedback_form_handed_over"];

/// Has the engineer take a step with an order at a time.
macro_rules! step {
    ($suite:ident, $method:ident, $request:ident, $order:expr, $occurred_at:expr) => {
        step!($suite, $method, $request { name: $order.to_owned(), occurred_at: at($occurred_at) })
    };
    ($suite:ident, $method:ident, $request:ident { $($field:ident: $value:expr),* }) => {
        let request = dispatch::$request { $($field: $value,)* request_id: request_id(), ..Default::default() };
        $suite.work_orders().$method(by("wang", "engineer", request)).await.unwrap();
    };
}

impl Suite {
    pub fn work_orders(&self) -> WorkOrdersClient<transport::Channel> {
        WorkOrdersClient::new(self.others())
    }

    /// All orders that dispatch has, the latest first.
    pub async fn orders(&self) -> Vec<dispatch::WorkOrder> {
        let request = dispatch::ListWorkOrdersRequest { parent: ORG.to_owned(), ..Default::default() };
        let page = self.work_orders().list_work_orders(desk(request)).await.unwrap().into_inner();
        assert_eq!(page.next_page_token, "", "a page holds all of a test");
        page.work_orders
    }

    /// Opens an order at dispatch of which intake has not asked for any.
    pub async fn open_order(&self, case: &str) -> Result<dispatch::WorkOrder, Status> {
        let request = dispatch::CreateWorkOrderRequest {
            parent: ORG.to_owned(),
            case: case.to_owned(),
            mode: dispatch::WorkMode::Remote.into(),
            verdict: Some(Verdict { outcome: Outcome::Free.into(), ..Verdict::default() }),
            milestones: vec![Milestone { event: "received".to_owned(), occurred_at: at("2026-03-09 09:00:00") }],
            regulation: REGULATION.to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        let asked = from(Caller::service("intake", LAB), request);
        self.work_orders().create_work_order(asked).await.map(Response::into_inner)
    }

    /// Ends an order without work, and lets everybody hear of it.
    pub async fn cancel_order(&self, order: &str) {
        let request = dispatch::CancelWorkOrderRequest {
            name: order.to_owned(),
            reason: "the machine runs again".to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        self.work_orders().cancel_work_order(desk(request)).await.unwrap();
        self.settle().await;
    }

    /// Sends an engineer who does the work of an order and hands in his papers, all of it at one time, closes the order,
    /// and lets everybody hear of it.
    pub async fn close_order(&self, order: &str, occurred_at: &str) {
        let engineer =
            dispatch::Engineer { display_name: "Wang".to_owned(), subject: "wang".to_owned(), ..Default::default() };
        let request = dispatch::CreateEngineerRequest {
            parent: ORG.to_owned(),
            engineer: Some(engineer),
            request_id: request_id(),
        };
        let engineer = EngineersClient::new(self.others()).create_engineer(desk(request)).await.unwrap().into_inner();
        let visit = dispatch::Visit {
            engineer: engineer.name,
            start_at: at(occurred_at),
            end_at: at("2026-03-31 18:00:00"),
            ..Default::default()
        };
        let request = dispatch::ScheduleVisitRequest {
            name: order.to_owned(),
            visit: Some(visit),
            request_id: request_id(),
            ..Default::default()
        };
        self.work_orders().schedule_visit(desk(request)).await.unwrap();
        for kind in BEFORE_DEPARTURE {
            self.record_on_order(order, kind, &[], "quality_office", occurred_at).await;
        }
        step!(self, depart_work_order, DepartWorkOrderRequest, order, occurred_at);
        step!(self, arrive_work_order, ArriveWorkOrderRequest, order, occurred_at);
        step!(self, complete_work_order, CompleteWorkOrderRequest, order, occurred_at);
        let form = [("number", "F-1"), ("opinion", "good"), ("signature", "Li"), ("seal", "Harbour")];
        self.record_on_order(order, "feedback_form", &form, "engineer", occurred_at).await;
        self.record_on_order(order, "telephone_report", &[], "engineer", occurred_at).await;
        self.record_on_order(order, "return_consent", &[], "quality_office", occurred_at).await;
        step!(self, return_work_order, ReturnWorkOrderRequest, order, occurred_at);
        let report = [("service_done", "hose replaced"), ("money_used", "none")];
        self.record_on_order(order, "trip_report", &report, "engineer", occurred_at).await;
        for kind in ["expense_claim", "returned_materials"] {
            self.record_on_order(order, kind, &[], "engineer", occurred_at).await;
        }
        step!(self, hand_in_work_order, HandInWorkOrderRequest, order, occurred_at);
        let request = dispatch::CloseWorkOrderRequest {
            name: order.to_owned(),
            occurred_at: at(occurred_at),
            request_id: request_id(),
            ..Default::default()
        };
        self.work_orders().close_work_order(desk(request)).await.unwrap();
        self.settle().await;
    }

    async fn record_on_order(&self, order: &str, kind: &str, fields: &[(&str, &str)], role: &str, occurred_at: &str) {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let record = Record { fields, occurred_at: at(occurred_at), ..paper(kind, "") };
        let request = dispatch::CreateWorkOrderRecordRequest {
            parent: order.to_owned(),
            record: Some(record),
            request_id: request_id(),
        };
        self.work_orders().create_work_order_record(by("wang", role, request)).await.unwrap();
    }

    /// The events of one type that dispatch has told, in their order.
    pub async fn told_by_dispatch<E: Name>(&self) -> Vec<Event> {
        let request = SubscribeRequest {
            organization: ORG.to_owned(),
            types: vec![E::full_name()],
            until_end: true,
            ..SubscribeRequest::default()
        };
        let asked = from(Caller::service("intake", LAB), request);
        let mut feed = FeedClient::new(self.others()).subscribe(asked).await.unwrap().into_inner();
        let mut told = Vec::new();
        while let Some(event) = feed.message().await.unwrap() {
            told.push(event);
        }
        told
    }

    /// Brings intake an event once more, as a follower does that died after it had done what the event calls for.
    pub async fn hear(&self, event: &Event) -> Result<(), Error> {
        let hear = async |tx: &mut TenantTx| self.intake.on_event(tx, event).await.map(|()| Record::default());
        let id = request_id();
        let command = Command { method: "/test/Hear", organization: LAB, resource: ORG, request_id: &id };
        let caller = caller("services/test", &[]);
        self.intake.host().journal.command(&caller, command, &Record::default(), hear).await.map(drop)
    }
}
