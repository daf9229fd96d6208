//! How a server stops.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use callout_kit::{
    client::Channel,
    server::{Ended, run_until_signal},
    settings,
};
use tokio::sync::Notify;
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::support::*;

#[tokio::test]
async fn a_stop_tells_the_probes_finishes_the_call_under_way_and_closes_the_port() {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (entering, leaving) = (Arc::clone(&entered), Arc::clone(&leave));
    let running = serve_by(
        &settings::Server { drain_delay_ms: 100, ..quick() },
        Workshop::new(move |_| {
            let (entering, leaving) = (Arc::clone(&entering), Arc::clone(&leaving));
            async move {
                entering.notify_one();
                leaving.notified().await;
                Ok(())
            }
        }),
    )
    .await;
    let address = running.address();
    let channel = stock_channel(&running).await;
    let mut watch = HealthClient::new(channel.clone()).watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    while watch.message().await.unwrap().unwrap().status() != ServingStatus::Serving {}
    let mut client = workshop_client(channel, "Do");
    let call = tokio::spawn(async move { client.check(ask("administrator")).await });
    entered.notified().await;

    let stopping = tokio::spawn(running.shutdown());
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    // A stream would hold up the stop for as long as its reader likes; it is sent elsewhere.
    assert_eq!(watch.message().await.unwrap_err().code(), Code::Unavailable);
    while tokio::net::TcpStream::connect(address).await.is_ok() {}
    assert!(!stopping.is_finished());
    leave.notify_one();
    call.await.unwrap().unwrap();
    stopping.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_stop_does_not_wait_longer_than_it_may() {
    let settings = settings::Server { drain_limit_ms: 50, ..quick() };
    let entered = Arc::new(Notify::new());
    let entering = Arc::clone(&entered);
    let running = serve_by(
        &settings,
        Workshop::new(move |_| {
            entering.notify_one();
            std::future::pending()
        }),
    )
    .await;
    let mut client = workshop_client(stock_channel(&running).await, "Do");
    let call = tokio::spawn(async move { client.check(ask("administrator")).await });
    entered.notified().await;
    let fault = running.shutdown().await.unwrap_err().to_string();
    assert!(fault.contains("under way"), "{fault}");
    call.abort();
}

#[tokio::test]
async fn a_connection_of_age_is_told_to_go_and_no_call_is_lost_for_it() {
    let seen = Arc::new(Mutex::new(HashSet::new()));
    let seeing = Arc::clone(&seen);
    let running = serve_by(
        &settings::Server { connection_age_ms: 100, ..quick() },
        Workshop::new(move |asked| {
            seeing.lock().unwrap().extend(asked.remote_addr());
            std::future::ready(Ok(()))
        }),
    )
    .await;
    // Of a method that may not be repeated, so that nothing is hidden by sending it again.
    let channel = Channel::new("intake", &running.url(), &settings::Client::default(), None);
    let channel = channel.unwrap().with_policies(policy_of);
    let calls = async {
        while seen.lock().unwrap().len() < 4 {
            workshop_client(channel.clone(), "Once").check(ask("administrator")).await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(30), calls).await.expect("connections of age are left for new ones");
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn calls_that_ran_out_of_time_while_the_process_stood_still_cost_the_others_nothing() {
    const LATE: usize = 100;
    let (moves, stands) = std::sync::mpsc::channel::<()>();
    let (entered, mut entering) = tokio::sync::mpsc::unbounded_channel();
    let (tell, told) = tokio::sync::oneshot::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    // A process of one thread, which the first call brings to a stand.
    let process = std::thread::spawn(move || {
        let stands = Mutex::new(Some(stands));
        let workshop = Workshop::new(move |_| {
            if let Some(stands) = stands.lock().unwrap().take() {
                entered.send(()).unwrap();
                stands.recv().unwrap();
            }
            std::future::ready(Ok(()))
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let running = serve(workshop).await;
            tell.send(running.url()).unwrap();
            stopped.await.unwrap();
            running.shutdown().await.unwrap();
        });
    });
    let endpoint = tonic::transport::Endpoint::from_shared(told.await.unwrap()).unwrap();
    let channel = endpoint.connect().await.unwrap();
    let call = || workshop_client(channel.clone(), "Do");
    let patient = tokio::spawn({
        let mut client = call();
        async move { client.check(ask("administrator")).await }
    });
    entering.recv().await.unwrap();
    let late = (0..LATE).map(|_| {
        let mut client = call();
        async move {
            let mut request = ask("administrator");
            request.set_timeout(Duration::from_millis(50));
            client.check(request).await.unwrap_err();
        }
    });
    futures::future::join_all(late).await;
    moves.send(()).unwrap();
    patient.await.unwrap().unwrap();
    call().check(ask("administrator")).await.unwrap();
    stop.send(()).unwrap();
    tokio::task::spawn_blocking(|| process.join().unwrap()).await.unwrap();
}

/// Sends SIGTERM to this process, where the server under test has taken over what it does.
fn terminate() {
    let sent = std::process::Command::new("kill").args(["-TERM", &std::process::id().to_string()]).status();
    assert!(sent.unwrap().success());
}

/// One test, since signals reach every server of the process that listens for them.
#[tokio::test]
async fn the_first_signal_stops_in_order_and_a_second_one_at_once_and_a_fault_is_told() {
    let mut ended =
        Box::pin(run_until_signal(vec![serve(Workshop::willing()).await, serve(Workshop::willing()).await]));
    assert!(futures::poll!(&mut ended).is_pending());
    terminate();
    assert!(matches!(ended.await, Ended::InOrder));

    let slow = settings::Server { drain_delay_ms: 600_000, ..quick() };
    let running = serve_by(&slow, Workshop::willing()).await;
    let channel = stock_channel(&running).await;
    let mut watch = HealthClient::new(channel).watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    while watch.message().await.unwrap().unwrap().status() != ServingStatus::Serving {}
    let mut ended = Box::pin(run_until_signal(vec![running]));
    assert!(futures::poll!(&mut ended).is_pending());
    terminate();
    tokio::select! {
        told = watch.message() => assert_eq!(told.unwrap().unwrap().status(), ServingStatus::NotServing),
        ended = &mut ended => panic!("{ended:?} before the second signal"),
    }
    terminate();
    assert!(matches!(ended.await, Ended::AtOnce));

    let broken = callout_kit::server::Plan {
        ready: Box::pin(async { anyhow::bail!("the database is gone") }),
        ..plan(Workshop::willing())
    };
    let broken = callout_kit::server::start(&quick(), broken).await.unwrap();
    let ended = run_until_signal(vec![serve(Workshop::willing()).await, broken]).await;
    assert!(
        matches!(&ended, Ended::Failed(fault) if format!("{fault:#}").contains("the database is gone")),
        "{ended:?}"
    );
}
