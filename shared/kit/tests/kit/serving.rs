//! Limits, deadlines, refusals and probes of a server.

use std::sync::Arc;

use bytes::Bytes;
use callout_kit::{Error, Language, server, settings, telemetry};
use futures::StreamExt;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::sync::{Notify, oneshot};
use tonic::{Code, Status};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};
use tonic_types::StatusExt;

use crate::support::*;

/// A bare HTTP/2 connection: what stands on the wire, without a gRPC client's own ideas.
async fn wire(running: &server::Running) -> SendRequest<Full<Bytes>> {
    let stream = tokio::net::TcpStream::connect(running.address()).await.unwrap();
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    sender
}

fn wire_request(running: &server::Running, method: &str) -> http::request::Builder {
    Request::post(format!("{}/workshop.Work/{method}", running.url()))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {}", token("administrator")))
}

/// An empty message in its frame.
fn empty_message() -> Full<Bytes> {
    Full::new(Bytes::from_static(&[0, 0, 0, 0, 0]))
}

fn status(headers: &HeaderMap) -> Status {
    Status::from_header_map(headers).expect("the headers carry a status")
}

#[tokio::test]
async fn a_call_past_its_deadline_is_answered_with_deadline_exceeded() {
    let running = serve(Workshop::stuck()).await;
    let request = wire_request(&running, "Do").header("grpc-timeout", "50m").body(empty_message()).unwrap();
    let response = wire(&running).await.send_request(request).await.unwrap();
    let status = status(response.headers());
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(status.get_details_error_info().unwrap().reason, "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn a_call_without_a_deadline_gets_the_default_one() {
    let settings = settings::Server { default_deadline_ms: 100, ..quick() };
    let running = serve_by(&settings, Workshop::stuck()).await;
    let response =
        wire(&running).await.send_request(wire_request(&running, "Do").body(empty_message()).unwrap()).await.unwrap();
    assert_eq!(status(response.headers()).code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_stream_past_its_deadline_ends_with_deadline_exceeded_after_what_it_has_sent() {
    let running = serve(Workshop::willing()).await;
    let request = wire_request(&running, "Watch").header("grpc-timeout", "100m").body(empty_message()).unwrap();
    let response = wire(&running).await.send_request(request).await.unwrap();
    assert!(!response.headers().contains_key("grpc-status"));
    let body = response.into_body().collect().await.unwrap();
    let trailers = body.trailers().unwrap().clone();
    assert_eq!(status(&trailers).code(), Code::DeadlineExceeded);
    assert!(!body.to_bytes().is_empty());
}

#[tokio::test]
async fn a_stream_that_always_has_something_to_send_ends_at_its_deadline_too() {
    let running = serve(Workshop::willing().streaming(|_| futures::stream::repeat_with(|| Ok(())).boxed())).await;
    let request = wire_request(&running, "Watch").header("grpc-timeout", "50m").body(empty_message()).unwrap();
    let body = wire(&running).await.send_request(request).await.unwrap().into_body().collect().await.unwrap();
    assert_eq!(status(body.trailers().unwrap()).code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn the_deadline_is_known_to_the_handler_and_to_its_stream() {
    let running = serve(
        Workshop::new(|_| async {
            let left = callout_kit::deadline::remaining().expect("there is a deadline");
            assert!(left <= std::time::Duration::from_secs(3));
            Ok(())
        })
        .streaming(|_| {
            let known = futures::stream::poll_fn(|_| {
                let left = callout_kit::deadline::remaining();
                std::task::Poll::Ready(Some(left.map(|_| ()).ok_or(Error::RequestReused)))
            });
            known.take(1).boxed()
        }),
    )
    .await;
    for method in ["Do", "Watch"] {
        let request = wire_request(&running, method).header("grpc-timeout", "3S").body(empty_message()).unwrap();
        let body = wire(&running).await.send_request(request).await.unwrap().into_body().collect().await.unwrap();
        assert_eq!(status(body.trailers().unwrap()).code(), Code::Ok, "{method}");
    }
}

/// A server that has room for one call, and one at work there; it ends when the notification comes.
async fn full_house() -> (server::Running, tokio::task::JoinHandle<Result<(), Status>>, Arc<Notify>) {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (entering, leaving) = (Arc::clone(&entered), Arc::clone(&leave));
    let workshop = Workshop::new(move |_| {
        let (entering, leaving) = (Arc::clone(&entering), Arc::clone(&leaving));
        async move {
            entering.notify_one();
            leaving.notified().await;
            Ok(())
        }
    });
    let running = serve_by(&settings::Server { concurrent_calls: 1, ..quick() }, workshop).await;
    let mut client = workshop_client(stock_channel(&running).await, "Do");
    let first = tokio::spawn(async move { client.check(ask("administrator")).await.map(drop) });
    entered.notified().await;
    (running, first, leave)
}

#[tokio::test]
async fn a_call_too_many_is_shed_with_a_time_to_try_again_and_is_on_record() {
    let (running, first, leave) = full_house().await;

    // Another connection, so that it is the process that is full.
    let mut second = workshop_client(stock_channel(&running).await, "Do");
    let mut request = ask("administrator");
    let traceparent = "00-5eed0000000000000000000000000001-00000000000000aa-01";
    request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
    let shed = second.check(request).await.unwrap_err();
    assert_eq!(shed.code(), Code::ResourceExhausted);
    assert_eq!(shed.get_details_error_info().unwrap().reason, "SERVICE_OVERLOADED");
    assert!(shed.get_details_retry_info().unwrap().retry_delay.unwrap() > std::time::Duration::ZERO);
    let spans = telemetry::collect().of_trace("5eed0000000000000000000000000001");
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].attributes["rpc.response.status_code"], "RESOURCE_EXHAUSTED");

    // Probes are answered all the same, and the place is free again after the first call.
    let mut health = HealthClient::new(stock_channel(&running).await);
    assert!(health.check(HealthCheckRequest::default()).await.is_ok());
    leave.notify_one();
    first.await.unwrap().unwrap();
    leave.notify_one();
    second.check(ask("administrator")).await.unwrap();
}

#[tokio::test]
async fn a_crowd_that_is_turned_away_fills_no_log() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(Arc::new(log.reopen().unwrap())).finish();
    // This test has one thread: whatever the server does is written there.
    let _logged = tracing::subscriber::set_default(lines);
    let (running, first, leave) = full_house().await;

    let mut crowd = workshop_client(stock_channel(&running).await, "Do");
    for _ in 0..10 {
        assert_eq!(crowd.check(ask("administrator")).await.unwrap_err().code(), Code::ResourceExhausted);
    }
    leave.notify_one();
    first.await.unwrap().unwrap();
    let log = std::fs::read_to_string(log.path()).unwrap();
    let answered: Vec<&str> = log.lines().filter(|line| line.contains("answered workshop.Work/Do")).collect();
    assert_eq!(answered.len(), 1, "{log}");
    assert!(answered[0].contains("with OK"), "{log}");
}

#[tokio::test]
async fn oversized_headers_and_messages_are_refused() {
    let running = serve(Workshop::willing()).await;
    let request = wire_request(&running, "Do").header("x-long", "x".repeat(20 * 1024)).body(empty_message()).unwrap();
    let refused = wire(&running).await.send_request(request).await;
    assert!(!refused.is_ok_and(|response| response.status().is_success()));

    let mut client = workshop_client(stock_channel(&running).await, "Do");
    let mut request = ask("administrator");
    request.get_mut().service = "x".repeat(server::LARGEST_MESSAGE + 1);
    assert_eq!(client.check(request).await.unwrap_err().code(), Code::OutOfRange);
}

#[tokio::test]
async fn lists_are_compressed_for_who_asks_for_it_and_other_answers_are_not() {
    let running = serve(Workshop::willing()).await;
    for (method, encoding) in [("ListJobs", Some("gzip")), ("Open", None)] {
        let request = wire_request(&running, method).header("grpc-accept-encoding", "identity,gzip");
        let response = wire(&running).await.send_request(request.body(empty_message()).unwrap()).await.unwrap();
        let used = response.headers().get("grpc-encoding").map(|value| value.to_str().unwrap());
        assert_eq!(used, encoding, "{method}");
    }
    let silent = wire_request(&running, "ListJobs").body(empty_message()).unwrap();
    let response = wire(&running).await.send_request(silent).await.unwrap();
    assert!(!response.headers().contains_key("grpc-encoding"));
}

#[tokio::test]
async fn probes_are_told_not_serving_until_the_service_is_ready() {
    let (become_ready, ready) = oneshot::channel();
    let plan = server::Plan { ready: Box::pin(async { Ok(ready.await?) }), ..plan(Workshop::willing()) };
    let settings = settings::Server { probe: Some(([127, 0, 0, 1], 0).into()), ..quick() };
    let running = server::start(&settings, plan).await.unwrap();
    let mut watches = Vec::new();
    for address in [running.address(), running.probe_address().unwrap()] {
        let channel = tonic::transport::Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy();
        for name in ["", "workshop.Work"] {
            let request = HealthCheckRequest { service: name.to_owned() };
            let mut watch = HealthClient::new(channel.clone()).watch(request).await.unwrap().into_inner();
            assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
            watches.push(watch);
        }
    }
    become_ready.send(()).unwrap();
    for mut watch in watches {
        assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    }
}

#[tokio::test]
async fn a_service_that_cannot_become_ready_ends() {
    let plan = server::Plan {
        ready: Box::pin(async { anyhow::bail!("the database is of another version") }),
        ..plan(Workshop::willing())
    };
    let mut running = server::start(&quick(), plan).await.unwrap();
    let fault = format!("{:#}", running.failed().await);
    assert!(fault.contains("the database is of another version"), "{fault}");
}

#[tokio::test]
async fn who_calls_decides_what_is_answered() {
    let running = serve(Workshop::willing()).await;
    let channel = stock_channel(&running).await;
    let code = async |method, request: Asked| {
        workshop_client(channel.clone(), method).check(request).await.map_or_else(|status| status.code(), |_| Code::Ok)
    };
    assert_eq!(code("Do", ask("administrator")).await, Code::Ok);
    assert_eq!(code("Do", ask("viewer")).await, Code::PermissionDenied);
    assert_eq!(code("Do", ask("service")).await, Code::PermissionDenied);
    assert_eq!(code("Do", anonymous()).await, Code::Unauthenticated);
    assert_eq!(code("Open", anonymous()).await, Code::Ok);
    // It is routed, but nobody said who may call it.
    assert_eq!(code("Secret", ask("administrator")).await, Code::Unimplemented);
}

#[tokio::test]
async fn the_handler_knows_the_caller() {
    let running = serve(Workshop::new(|asked| async move {
        let caller = callout_kit::Caller::of(&asked)?.clone();
        assert_eq!((caller.organization.as_str(), caller.subject.as_str()), ("acme", "users/wang"));
        assert_eq!(caller.language, Language::Chinese);
        assert!(caller.require_permission("anything.at.all").is_ok());
        assert!(caller.require_organization("acme", "organizations/acme").is_ok());
        caller.require_organization("other", "organizations/other/cases/7")
    }))
    .await;
    let mut request = ask("administrator");
    request.metadata_mut().insert("accept-language", "zh-CN".parse().unwrap());
    let refused = workshop_client(stock_channel(&running).await, "Do").check(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    assert_eq!(refused.message(), "未找到 organizations/other/cases/7。");
    assert_eq!(refused.get_details_localized_message().unwrap().locale, "zh-CN");
}

#[tokio::test]
async fn a_fault_of_ours_is_told_without_its_cause_but_with_its_trace() {
    let running = serve(Workshop::new(|asked| async move {
        assert!(!asked.metadata().contains_key("x-panic"), "the drawer is stuck");
        Err(Error::Internal(anyhow::anyhow!("the drawer is stuck")))
    }))
    .await;
    let mut client = workshop_client(stock_channel(&running).await, "Do");
    let mut panicking = ask("administrator");
    panicking.metadata_mut().insert("x-panic", "1".parse().unwrap());
    for request in [ask("administrator"), panicking] {
        let fault = client.check(request).await.unwrap_err();
        assert_eq!(fault.code(), Code::Internal);
        assert!(!format!("{fault:?}").contains("drawer"));
        let info = fault.get_details_error_info().unwrap();
        assert_eq!(info.reason, "INTERNAL");
        assert_eq!(info.metadata["traceId"].len(), 32);
    }
}

async fn answers_of_reflection(
    running: &server::Running,
    token: Option<String>,
    question: MessageRequest,
) -> Result<Vec<MessageResponse>, Code> {
    let question = ServerReflectionRequest { host: String::new(), message_request: Some(question) };
    let mut request = tonic::Request::new(futures::stream::iter([question]));
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    let mut client = ServerReflectionClient::new(stock_channel(running).await);
    let mut stream = client.server_reflection_info(request).await.map_err(|status| status.code())?.into_inner();
    let mut answers = Vec::new();
    while let Some(answer) = stream.message().await.map_err(|status| status.code())? {
        answers.extend(answer.message_response);
    }
    Ok(answers)
}

async fn reflected(running: &server::Running, token: Option<String>) -> Result<usize, Code> {
    let answers = answers_of_reflection(running, token, MessageRequest::ListServices(String::new())).await?;
    Ok(answers.len())
}

#[tokio::test]
async fn the_descriptors_are_hidden_from_all_but_administrators_unless_they_are_opened() {
    let running = serve(Workshop::willing()).await;
    assert_eq!(reflected(&running, None).await, Err(Code::Unimplemented));
    assert_eq!(reflected(&running, Some(token("manager"))).await, Err(Code::Unimplemented));
    assert_eq!(reflected(&running, Some(token("administrator"))).await, Ok(1));
    let open = serve_by(&settings::Server { reflection: true, ..quick() }, Workshop::willing()).await;
    assert_eq!(reflected(&open, None).await, Ok(1));
}

#[tokio::test]
async fn the_descriptors_tell_of_the_details_of_refusals_too() {
    let open = serve_by(&settings::Server { reflection: true, ..quick() }, Workshop::willing()).await;
    for detail in ["ErrorInfo", "BadRequest", "PreconditionFailure", "RetryInfo", "LocalizedMessage"] {
        let question = MessageRequest::FileContainingSymbol(format!("google.rpc.{detail}"));
        let answers = answers_of_reflection(&open, None, question).await.unwrap();
        assert!(matches!(answers[..], [MessageResponse::FileDescriptorResponse(_)]), "{detail}: {answers:?}");
    }
}
