//! How long it takes until an event that was written comes out of a subscription.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use callout_contract::{
    events::v1::{Event, SubscribeRequest},
    intake::v1::feed_client::FeedClient,
};
use callout_journal::Service;
use tonic::{Request, Status};

use crate::{
    bench::Bench,
    driver::{Operation, Slice, closed},
    meter::Used,
    report::Point,
    world::Organization,
};

/// What is waited for.
const TYPE: &str = "callout.intake.v1.CaseReceived";

/// How long the last events may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures with so many callers who write as the clients say, and one who reads.
///
/// # Errors
/// When a call is refused, an event does not come, or a twin fails.
pub async fn measure(bench: &mut Bench) -> Result<()> {
    let twin = bench.twin_of_open().await?;
    for clients in bench.arguments.clients.clone() {
        eprintln!("event written → delivered, {clients} clients …");
        let (mut ours, mut theirs) = (Slice::default(), Slice::default());
        let (mut used, mut used_by_twin, mut rest) = (Used::default(), Used::default(), Duration::ZERO);
        for round in 0..bench.arguments.rounds {
            let (slice, cost) = bench.slice_of_twin(&twin, clients).await?;
            theirs.span += slice.span;
            theirs.join(&slice);
            used_by_twin.join(&cost);
            // One that has told nothing yet.
            let organization = bench.organization(&format!("feed-{clients}-{round}")).await?;
            bench.meter.rest().await?;
            let before = bench.meter.read().await?;
            let slice = slice_of(bench, organization, clients).await?;
            ours.span += slice.span;
            ours.join(&slice);
            rest = rest.max(bench.meter.rest().await?);
            used.join(&bench.meter.read().await?.since(&before));
        }
        let point = Point::new("event written → delivered", clients, &ours, &used, rest);
        let point = point.beside(twin.name, &theirs, &used_by_twin);
        eprintln!("  {}", point.line());
        bench.report.points.push(point);
    }
    Ok(())
}

/// Cases are opened for a while; how long after each answer its event was there.
async fn slice_of(bench: &Bench, organization: Arc<Organization>, clients: usize) -> Result<Slice> {
    let request = SubscribeRequest {
        organization: organization.name.clone(),
        types: vec![TYPE.to_owned()],
        ..SubscribeRequest::default()
    };
    // Without a deadline: it ends when it is dropped.
    let mut asked: Request<_> = organization.request(request);
    asked.metadata_mut().remove("grpc-timeout");
    let channel = bench.world.channels(Service::Intake).pop().context("no connection")?;
    let mut stream = FeedClient::new(channel).subscribe(asked).await?.into_inner();
    let (tell, mut told) = tokio::sync::mpsc::channel::<usize>(1);
    let reading = tokio::spawn(async move {
        let mut arrived: HashMap<String, Instant> = HashMap::new();
        let mut wanted: Option<usize> = None;
        while wanted.is_none_or(|wanted| arrived.len() < wanted) {
            tokio::select! {
                Some(count) = told.recv() => wanted = Some(count),
                event = stream.message() => match event? {
                    Some(Event { subject, .. }) => { arrived.insert(subject, Instant::now()); }
                    None => break,
                },
            }
        }
        Ok::<_, Status>(arrived)
    });
    let told = Arc::new(Told { organization, answered: Mutex::default() });
    let operation: Arc<dyn Operation> = Arc::<Told>::clone(&told);
    let written = closed(&operation, clients, bench.slice()).await;
    let answered = std::mem::take(&mut *told.answered.lock().unwrap_or_else(PoisonError::into_inner));
    // A call that failed may have been carried out all the same; its event counts for nothing here.
    let _ = tell.send(answered.len()).await;
    let arrived = tokio::time::timeout(PATIENCE, reading).await.context("events do not arrive")???;
    let mut slice = Slice { span: written.span, failed: written.failed, failure: written.failure, ..Slice::default() };
    for (name, answered) in answered {
        match arrived.get(&name) {
            Some(arrived) => slice.took(arrived.saturating_duration_since(answered)),
            None => slice.fails(|| format!("the event of {name} did not arrive")),
        }
    }
    Ok(slice)
}

/// A case is opened, and noted when that was answered.
struct Told {
    organization: Arc<Organization>,
    answered: Mutex<Vec<(String, Instant)>>,
}

#[async_trait]
impl Operation for Told {
    async fn once(&self, client: usize) -> Result<bool, Status> {
        let request = self.organization.request(self.organization.call());
        let case = self.organization.cases(client).create_case(request).await?.into_inner();
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).push((case.name, Instant::now()));
        Ok(true)
    }
}
