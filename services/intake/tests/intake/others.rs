//! Stand-ins for the other three services, as far as intake calls them: the orders of dispatch and everybody's clock.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use callout_casework::ids::{Id as _, WorkOrderId};
use callout_contract::{
    dispatch::v1 as dispatch, evaluation::v1 as evaluation, events::v1 as events, inventory::v1 as inventory,
    types::v1 as types,
};
use callout_kit::{Caller, Error, clock, limited, parse, server::Services};
use futures::{StreamExt as _, stream::BoxStream};
use jiff::Timestamp;
use tonic::{Request, Response, Status};

/// What they heard, and what they are to answer.
#[derive(Default)]
pub struct Heard {
    /// Each order that dispatch was asked for, and on whose behalf.
    pub orders: Vec<(Caller, dispatch::CreateWorkOrderRequest)>,
    /// Each clock that was set, in order: whose, to when.
    pub clocks: Vec<(&'static str, Timestamp)>,
    /// The organisations for which a service was asked to settle.
    pub settled: Vec<(&'static str, String)>,
    /// When something falls due at a service.
    pub dues: BTreeMap<&'static str, Timestamp>,
    /// What dispatch answers after it has opened an order, instead of the order.
    pub dispatch_fails: Option<Status>,
    /// What dispatch answers instead of opening an order.
    pub dispatch_refuses: Option<Status>,
    /// What a service answers when it is asked to settle.
    pub deaf: bool,
    made: BTreeMap<String, dispatch::WorkOrder>,
}

/// The three. Clones share everything.
#[derive(Clone, Default)]
pub struct Others(Arc<Mutex<Heard>>);

impl Others {
    /// Looks at what was heard, or says what is to be answered.
    pub fn with<A>(&self, look: impl FnOnce(&mut Heard) -> A) -> A {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn add_to(&self, services: Services) -> Services {
        let (dispatch, inventory, evaluation) =
            (Dispatch(self.clone()), Inventory(self.clone()), Evaluation(self.clone()));
        services
            .and(limited!(dispatch::work_orders_server::WorkOrdersServer::new(dispatch.clone())))
            .and(limited!(dispatch::feed_server::FeedServer::new(dispatch.clone())))
            .and(limited!(dispatch::clocks_server::ClocksServer::new(dispatch)))
            .and(limited!(inventory::clocks_server::ClocksServer::new(inventory)))
            .and(limited!(evaluation::clocks_server::ClocksServer::new(evaluation)))
    }

    fn next_due(&self, service: &'static str) -> types::GetNextDueResponse {
        let due = self.with(|heard| heard.dues.get(service).copied());
        types::GetNextDueResponse { next_due_at: due.map(parse::to_timestamp), told: 0 }
    }

    fn set(&self, service: &'static str, request: &types::SetClockRequest) -> types::SetClockResponse {
        let now = parse::timestamp(request.now.unwrap()).unwrap();
        self.with(|heard| {
            heard.clocks.push((service, now));
            heard.dues.retain(|of, due| *of != service || *due > now);
        });
        let next_due_at = self.next_due(service).next_due_at;
        types::SetClockResponse { next_due_at, ..types::SetClockResponse::default() }
    }

    fn settle(&self, service: &'static str, organization: String) -> Result<types::SettleResponse, Status> {
        self.with(|heard| {
            heard.settled.push((service, organization));
            if heard.deaf { Err(Status::internal("deaf")) } else { Ok(()) }
        })?;
        let next_due_at = self.next_due(service).next_due_at;
        Ok(types::SettleResponse { next_due_at, ..types::SettleResponse::default() })
    }

    /// Dispatch's way with an order: the same request, the same order.
    fn open(&self, caller: Caller, request: dispatch::CreateWorkOrderRequest) -> Result<dispatch::WorkOrder, Status> {
        self.with(|heard| {
            heard.orders.push((caller, request.clone()));
            if let Some(refusal) = &heard.dispatch_refuses {
                return Err(refusal.clone());
            }
            let organization = request.parent.trim_start_matches("organizations/");
            let order = heard.made.entry(request.request_id).or_insert_with(|| dispatch::WorkOrder {
                name: WorkOrderId::new(clock::system_now()).name(organization),
                case: request.case,
                ..dispatch::WorkOrder::default()
            });
            let order = order.clone();
            heard.dispatch_fails.clone().map_or(Ok(order), Err)
        })
    }

    /// The orders that dispatch has opened.
    pub fn opened(&self) -> Vec<dispatch::WorkOrder> {
        self.with(|heard| heard.made.values().cloned().collect())
    }
}

/// The clocks of one service.
macro_rules! clocks {
    ($name:ident, $package:ident) => {
        #[derive(Clone)]
        struct $name(Others);

        #[tonic::async_trait]
        impl $package::clocks_server::Clocks for $name {
            async fn get_next_due(
                &self,
                _: Request<types::GetNextDueRequest>,
            ) -> Result<Response<types::GetNextDueResponse>, Status> {
                Ok(Response::new(self.0.next_due(stringify!($package))))
            }

            async fn set_clock(
                &self,
                request: Request<types::SetClockRequest>,
            ) -> Result<Response<types::SetClockResponse>, Status> {
                Ok(Response::new(self.0.set(stringify!($package), request.get_ref())))
            }

            async fn settle(
                &self,
                request: Request<types::SettleRequest>,
            ) -> Result<Response<types::SettleResponse>, Status> {
                Ok(Response::new(self.0.settle(stringify!($package), request.into_inner().organization)?))
            }
        }
    };
}

clocks!(Dispatch, dispatch);
clocks!(Inventory, inventory);
clocks!(Evaluation, evaluation);

#[tonic::async_trait]
impl dispatch::feed_server::Feed for Dispatch {
    type SubscribeStream = BoxStream<'static, Result<events::Event, Status>>;

    /// Nothing happens at dispatch by itself; what it tells, a test brings to intake.
    async fn subscribe(&self, _: Request<events::SubscribeRequest>) -> Result<Response<Self::SubscribeStream>, Status> {
        Ok(Response::new(futures::stream::empty().boxed()))
    }

    async fn get_backlog(
        &self,
        _: Request<events::GetBacklogRequest>,
    ) -> Result<Response<events::GetBacklogResponse>, Status> {
        Ok(Response::new(events::GetBacklogResponse::default()))
    }
}

/// The service of which intake calls one method.
macro_rules! work_orders {
    ($($method:ident($request:ident) -> $answer:ident;)+) => {
        #[tonic::async_trait]
        impl dispatch::work_orders_server::WorkOrders for Dispatch {
            async fn create_work_order(
                &self,
                request: Request<dispatch::CreateWorkOrderRequest>,
            ) -> Result<Response<dispatch::WorkOrder>, Status> {
                let caller = Caller::of(&request)?.clone();
                self.0.open(caller, request.into_inner()).map(Response::new)
            }

            $(async fn $method(
                &self,
                _: Request<dispatch::$request>,
            ) -> Result<Response<dispatch::$answer>, Status> {
                Err(Error::Internal(anyhow::anyhow!("intake calls {}", stringify!($method))).into())
            })+
        }
    };
}

work_orders! {
    get_work_order(GetWorkOrderRequest) -> WorkOrder;
    list_work_orders(ListWorkOrdersRequest) -> ListWorkOrdersResponse;
    schedule_visit(ScheduleVisitRequest) -> WorkOrder;
    cancel_visit(CancelVisitRequest) -> WorkOrder;
    depart_work_order(DepartWorkOrderRequest) -> WorkOrder;
    arrive_work_order(ArriveWorkOrderRequest) -> WorkOrder;
    start_work_order(StartWorkOrderRequest) -> WorkOrder;
    complete_work_order(CompleteWorkOrderRequest) -> WorkOrder;
    return_work_order(ReturnWorkOrderRequest) -> WorkOrder;
    hand_in_work_order(HandInWorkOrderRequest) -> WorkOrder;
    close_work_order(CloseWorkOrderRequest) -> WorkOrder;
    cancel_work_order(CancelWorkOrderRequest) -> WorkOrder;
    create_work_order_record(CreateWorkOrderRecordRequest) -> WorkOrder;
}
