//! Customers, machines and cases, and the steps of a case, each by its RPC.

use callout_contract::{intake::v1 as pb, types::v1::Record};
use tonic::{Response, Status};

use super::{
    ORG, mask,
    people::{by, desk},
    request_id,
    suite::Suite,
};

impl Suite {
    /// A customer.
    pub async fn customer(&self, display_name: &str) -> String {
        let customer = pb::Customer { display_name: display_name.to_owned(), ..pb::Customer::default() };
        let request =
            pb::CreateCustomerRequest { parent: ORG.to_owned(), customer: Some(customer), request_id: request_id() };
        self.customers().create_customer(desk(request)).await.unwrap().into_inner().name
    }

    pub async fn create_product(&self, product: pb::Product) -> Result<pb::Product, Status> {
        let request =
            pb::CreateProductRequest { parent: ORG.to_owned(), product: Some(product), request_id: request_id() };
        self.products().create_product(desk(request)).await.map(Response::into_inner)
    }

    /// A machine in warranty to the end of the year, made and sold by these.
    pub async fn product(&self, maker: &str, seller: &str) -> String {
        let product = pb::Product { warranty_ends_on: "2026-12-31".to_owned(), ..machine(maker, seller) };
        self.create_product(product).await.unwrap().name
    }

    pub async fn create_case(&self, request: pb::CreateCaseRequest) -> Result<pb::Case, Status> {
        self.cases().create_case(desk(request)).await.map(Response::into_inner)
    }

    /// A case at the desk.
    pub async fn at_desk(&self, case: pb::Case) -> pb::Case {
        self.create_case(pb::CreateCaseRequest { at_desk: true, ..taking_in(case) }).await.unwrap()
    }

    pub async fn get(&self, case: &str) -> pb::Case {
        let request = pb::GetCaseRequest { name: case.to_owned() };
        self.cases().get_case(desk(request)).await.unwrap().into_inner()
    }

    pub async fn pass(&self, case: &str) -> Result<pb::Case, Status> {
        let request = pb::PassCaseRequest { name: case.to_owned(), request_id: request_id(), ..Default::default() };
        self.cases().pass_case(desk(request)).await.map(Response::into_inner)
    }

    pub async fn answer(&self, case: &str) -> Result<pb::Case, Status> {
        let request = pb::AnswerCaseRequest {
            name: case.to_owned(),
            answer: "every 500 hours".to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        self.cases().answer_case(desk(request)).await.map(Response::into_inner)
    }

    pub async fn fix(&self, case: &str) -> Result<pb::Case, Status> {
        let request = pb::FixSolutionRequest {
            name: case.to_owned(),
            solution: Some(on_site()),
            request_id: request_id(),
            ..Default::default()
        };
        self.cases().fix_solution(desk(request)).await.map(Response::into_inner)
    }

    pub async fn solve(&self, case: &str) -> Result<pb::Case, Status> {
        let request = pb::SolveCaseRequest {
            name: case.to_owned(),
            solution: "reset the controller".to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        self.cases().solve_case(desk(request)).await.map(Response::into_inner)
    }

    pub async fn dispatch(&self, case: &str) -> Result<pb::Case, Status> {
        self.cases().dispatch_case(desk(dispatching(case))).await.map(Response::into_inner)
    }

    pub async fn cancel(&self, case: &str) -> Result<pb::Case, Status> {
        let request = pb::CancelCaseRequest {
            name: case.to_owned(),
            reason: "withdrawn".to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        self.cases().cancel_case(desk(request)).await.map(Response::into_inner)
    }

    pub async fn analyse(&self, case: &str, cause: pb::case::Cause) -> Result<pb::Case, Status> {
        let request = pb::AnalyseCaseRequest {
            name: case.to_owned(),
            cause: cause.into(),
            request_id: request_id(),
            ..Default::default()
        };
        self.cases().analyse_case(desk(request)).await.map(Response::into_inner)
    }

    /// Changes the fields of a case that `paths` names.
    pub async fn update(&self, case: pb::Case, paths: &[&str]) -> Result<pb::Case, Status> {
        let request = pb::UpdateCaseRequest {
            case: Some(case),
            update_mask: Some(mask(paths)),
            request_id: request_id(),
            ..Default::default()
        };
        self.cases().update_case(desk(request)).await.map(Response::into_inner)
    }

    /// Puts something on record in a role.
    pub async fn record(&self, case: &str, record: Record, role: &str) -> Result<pb::Case, Status> {
        let request =
            pb::CreateCaseRecordRequest { parent: case.to_owned(), record: Some(record), request_id: request_id() };
        self.cases().create_case_record(by("somebody", role, request)).await.map(Response::into_inner)
    }
}

/// A machine that was made and sold by these.
pub fn machine(maker: &str, seller: &str) -> pb::Product {
    pb::Product {
        serial: format!("GKS-{}", request_id()),
        maker: maker.to_owned(),
        seller: seller.to_owned(),
        ..pb::Product::default()
    }
}

/// A repair of a machine.
pub fn repair(product: &str) -> pb::Case {
    pb::Case {
        kind: pb::case::Kind::Repair.into(),
        product: product.to_owned(),
        contact: "Mr Li, 138 0000 0000".to_owned(),
        fault: "the boom does not extend".to_owned(),
        ..pb::Case::default()
    }
}

/// A question.
pub fn enquiry() -> pb::Case {
    pb::Case {
        kind: pb::case::Kind::Enquiry.into(),
        fault: "how often is the oil changed?".to_owned(),
        ..pb::Case::default()
    }
}

/// Somebody called, just now.
pub fn taking_in(case: pb::Case) -> pb::CreateCaseRequest {
    pb::CreateCaseRequest { parent: ORG.to_owned(), case: Some(case), request_id: request_id(), ..Default::default() }
}

pub fn dispatching(case: &str) -> pb::DispatchCaseRequest {
    pb::DispatchCaseRequest { name: case.to_owned(), request_id: request_id(), ..Default::default() }
}

/// Somebody goes there, 250 km.
pub fn on_site() -> pb::Solution {
    pb::Solution {
        mode: pb::solution::Mode::OnSite.into(),
        distance_km: "250".to_owned(),
        solves: true,
        company_cost: "900".to_owned(),
        plan: "replace the hose".to_owned(),
        ..pb::Solution::default()
    }
}

/// Something of a kind that has no form.
pub fn paper(kind: &str, party: &str) -> Record {
    Record { kind: kind.to_owned(), party: party.to_owned(), ..Record::default() }
}
