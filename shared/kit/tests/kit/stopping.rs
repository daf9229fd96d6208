//! How a server stops.

use std::sync::Arc;

use callout_kit::{
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
