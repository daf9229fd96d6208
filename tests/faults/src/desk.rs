//! A live organisation at work beside the sandboxes: cases are taken in, some of them told of a day late, analysed and handed to
//! dispatch, and what falls due falls due by the system's clock.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::{Result, ensure};
use callout_contract::{
    dispatch::v1::{GetWorkOrderRequest, WorkOrder},
    intake::v1::{
        AnalyseCaseRequest, Case, CreateCaseRequest, DispatchCaseRequest, FixSolutionRequest, GetCaseRequest,
        ListCasesRequest, ListCasesResponse, Organization, Product, Solution, case, solution,
    },
};
use callout_fleet::{
    Fleet,
    founding::{self, request_id},
};
use callout_journal::Service;
use callout_kit::{clock, parse};
use jiff::SignedDuration;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use tonic::transport::Channel;

use crate::history::History;

/// The organisation, in whose name the sandboxes are opened too.
const ORGANIZATION: &str = "organizations/acme";

/// How long before a limit of a day runs out a case that is told of late is told of.
const ALMOST_A_DAY: SignedDuration = SignedDuration::from_secs(24 * 60 * 60 - 4);

/// The organisation, and the ways to it.
pub struct Desk {
    intake: Channel,
    dispatch: Channel,
    token: String,
    product: String,
    /// Every case that a caller was told of.
    cases: BTreeSet<String>,
}

impl Desk {
    /// Takes the organisation in, with a machine in warranty.
    ///
    /// # Errors
    /// When the suite refuses.
    pub async fn open(fleet: &Fleet) -> Result<Self> {
        let mut desk = Self {
            intake: fleet.channel(Service::Intake)?,
            dispatch: fleet.channel(Service::Dispatch)?,
            token: fleet.token("lin", &["administrator", "quality_office"])?,
            product: String::new(),
            cases: BTreeSet::new(),
        };
        let mut history = History::default();
        let request = founding::organization("acme");
        let _: Option<Organization> = history.call(&desk.intake, &desk.token, request, false).await;
        let request = founding::machine(ORGANIZATION);
        let product: Option<Product> = history.call(&desk.intake, &desk.token, request, false).await;
        ensure!(history.wrong.is_empty(), "the live organisation cannot be opened: {:?}", history.wrong);
        desk.product = product.map(|product| product.name).unwrap_or_default();
        Ok(desk)
    }

    /// Takes cases in, one after the other, until it is `over`; what came of it follows from `seed` and from the faults.
    pub async fn work(&self, seed: u64, over: &AtomicBool) -> Worked {
        let mut worked = Worked { history: History::default(), cases: Vec::new() };
        let mut rng = StdRng::seed_from_u64(seed);
        while !over.load(Ordering::Relaxed) {
            self.serve(&mut rng, &mut worked).await;
        }
        worked
    }

    /// One case, from the call to its work order.
    async fn serve(&self, rng: &mut StdRng, worked: &mut Worked) -> Option<()> {
        let told_late = rng.random_bool(0.5);
        let received_at = if told_late { clock::system_now() - ALMOST_A_DAY } else { clock::system_now() };
        let request = CreateCaseRequest {
            occurred_at: Some(parse::to_timestamp(received_at)),
            ..founding::repair(ORGANIZATION, &self.product)
        };
        let history = &mut worked.history;
        let case: Case = history.call(&self.intake, &self.token, request, rng.random_bool(0.3)).await?;
        let name = case.name;
        worked.cases.push((name.clone(), String::new()));
        let request = AnalyseCaseRequest {
            name: name.clone(),
            cause: case::Cause::Quality.into(),
            manual_kept: Some(true),
            request_id: request_id(),
            ..Default::default()
        };
        let _: Case = history.call(&self.intake, &self.token, request, rng.random_bool(0.3)).await?;
        let solution = Solution {
            mode: solution::Mode::OnSite.into(),
            distance_km: "100".to_owned(),
            solves: true,
            plan: "Replace the hose".to_owned(),
            ..Default::default()
        };
        let request = FixSolutionRequest {
            name: name.clone(),
            solution: Some(solution),
            request_id: request_id(),
            ..Default::default()
        };
        let _: Case = history.call(&self.intake, &self.token, request, rng.random_bool(0.3)).await?;
        let request = DispatchCaseRequest { name: name.clone(), request_id: request_id(), ..Default::default() };
        let case: Case = history.call(&self.intake, &self.token, request, rng.random_bool(0.3)).await?;
        if let Some((_, order)) = worked.cases.last_mut() {
            *order = case.work_order;
        }
        Some(())
    }

    /// Holds what the callers were told against what the services say now: each request has the answer that it had, each case
    /// is there with its order, and there is no other.
    pub async fn compare(&mut self, callers: Vec<Worked>) -> Vec<String> {
        let mut looks = History::default();
        for Worked { mut history, cases } in callers {
            history.compare().await;
            looks.wrong.append(&mut history.wrong);
            for (name, order) in cases {
                self.look(&mut looks, &name, &order).await;
                self.cases.insert(name);
            }
        }
        let there = self.all(&mut looks).await;
        looks.wrong.extend(there.difference(&self.cases).map(|name| format!("nobody was told of {name}")));
        looks.wrong.extend(self.cases.difference(&there).map(|name| format!("{name} is not there any more")));
        // Told once.
        self.cases.extend(there);
        looks.wrong
    }

    async fn look(&self, looks: &mut History, name: &str, order: &str) {
        let request = GetCaseRequest { name: name.to_owned() };
        let case: Option<Case> = looks.call(&self.intake, &self.token, request, false).await;
        let has = case.map(|case| case.work_order).unwrap_or_default();
        if order.is_empty() {
            return;
        }
        if has != order {
            looks.wrong.push(format!("{name} was told to have {order} and has {has:?}"));
        }
        let request = GetWorkOrderRequest { name: order.to_owned() };
        let order: Option<WorkOrder> = looks.call(&self.dispatch, &self.token, request, false).await;
        if order.is_some_and(|order| order.case != name) {
            looks.wrong.push(format!("the order of {name} is another case's"));
        }
    }

    /// The names of all cases.
    async fn all(&self, looks: &mut History) -> BTreeSet<String> {
        let (mut names, mut page_token) = (BTreeSet::new(), String::new());
        loop {
            let request = ListCasesRequest { parent: ORGANIZATION.to_owned(), page_size: 1_000, page_token, state: 0 };
            let page: Option<ListCasesResponse> = looks.call(&self.intake, &self.token, request, false).await;
            let Some(page) = page else { return names };
            names.extend(page.cases.into_iter().map(|case| case.name));
            if page.next_page_token.is_empty() {
                return names;
            }
            page_token = page.next_page_token;
        }
    }
}

/// What one caller did and was told.
pub struct Worked {
    history: History,
    /// Each case with its work order; empty where the caller did not come so far.
    cases: Vec<(String, String)>,
}

impl Worked {
    /// How many calls were answered.
    pub const fn calls(&self) -> usize {
        self.history.len()
    }
}
