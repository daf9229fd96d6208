//! What is on record of a call.

use callout_kit::{
    Call, client, settings,
    telemetry::{self, SpanKind, SpanStatus, propagation, sql_span},
};
use tracing::Instrument;

use crate::support::*;

const POLICY_CLIENT: &str = "intake";

#[tokio::test]
async fn one_trace_runs_from_the_caller_through_two_services_to_the_statement() {
    let behind = serve(Workshop::new(|_| async {
        async {}.instrument(sql_span("INSERT", "workshop.job")).await;
        Ok(())
    }))
    .await;
    let channel = client::Channel::new(SERVICE, &behind.url(), &settings::Client::default(), Some(ISSUER.signer()));
    let channel = channel.unwrap().with_policies(policy_of);
    let front = serve(Workshop::new(move |_| {
        let channel = channel.clone();
        async move {
            workshop_client(channel, "Once").check(anonymous()).await?;
            Ok(())
        }
    }))
    .await;
    let trace_id = "5eed0000000000000000000000000002";
    let mut request = ask("administrator");
    let traceparent = format!("00-{trace_id}-00000000000000aa-01");
    request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
    workshop_client(stock_channel(&front).await, "Do").check(request).await.unwrap();

    let spans = telemetry::collect().of_trace(trace_id);
    let shape: Vec<(&str, SpanKind)> = spans.iter().map(|span| (span.name.as_str(), span.kind)).collect();
    assert_eq!(
        shape,
        [
            ("INSERT workshop.job", SpanKind::Client),
            ("workshop.Work/Once", SpanKind::Server),
            ("workshop.Work/Once", SpanKind::Client),
            ("workshop.Work/Do", SpanKind::Server),
        ]
    );
    for (child, parent) in spans.iter().zip(&spans[1..]) {
        assert_eq!(child.parent_span_id.as_ref(), Some(&parent.span_id), "{} in {}", child.name, parent.name);
    }
    assert_eq!(spans[3].parent_span_id.as_deref(), Some("00000000000000aa"));
    assert!(spans.iter().all(|span| span.service.as_deref() == Some(SERVICE)));
    let statement = &spans[0].attributes;
    assert_eq!(statement["db.system.name"], "postgresql");
    assert_eq!(statement["db.collection.name"], "workshop.job");
    let served = &spans[3].attributes;
    assert_eq!(served["rpc.system.name"], "grpc");
    assert_eq!(served["rpc.method"], "workshop.Work/Do");
    assert_eq!(served["rpc.response.status_code"], "OK");
    assert_eq!(served["callout.organization"], "acme");
    assert_eq!(spans[2].attributes["server.address"], "127.0.0.1");
}

#[tokio::test]
async fn no_name_that_the_conventions_have_given_up_is_on_a_span() {
    let running =
        serve(Workshop::new(|_| async { Err(anyhow::anyhow!("no")).map_err(callout_kit::Error::Internal) })).await;
    let trace_id = "5eed0000000000000000000000000003";
    let mut request = ask("administrator");
    request.metadata_mut().insert("traceparent", format!("00-{trace_id}-00000000000000aa-01").parse().unwrap());
    workshop_client(stock_channel(&running).await, "Do").check(request).await.unwrap_err();
    let spans = telemetry::collect().of_trace(trace_id);
    let failed = &spans[0];
    assert!(matches!(failed.status, SpanStatus::Error { .. }));
    assert_eq!(failed.attributes["error.type"], "INTERNAL");
    for given_up in ["rpc.system", "rpc.service", "rpc.grpc.status_code", "net.peer.name", "code.namespace"] {
        assert!(!failed.attributes.contains_key(given_up), "{given_up}");
    }
    let written = serde_json::to_string(failed).unwrap();
    assert_eq!(serde_json::from_str::<telemetry::FinishedSpan>(&written).unwrap(), *failed);
}

#[tokio::test]
async fn stored_context_is_continued_or_linked() {
    telemetry::collect();
    let caller = callout_kit::Caller::service(POLICY_CLIENT, "acme");
    Call::own_work(POLICY_CLIENT, caller)
        .scope(async {
            let cause = tracing::info_span!("cause");
            let stored = cause.in_scope(propagation::current_traceparent).expect("something is traced");
            let trace_id = stored.split('-').nth(1).unwrap().to_owned();
            let soon = tracing::info_span!("soon");
            propagation::continue_from_stored(&soon, &stored);
            drop(soon.entered());
            let late = tracing::info_span!("late");
            propagation::link_to_stored(&late, &stored);
            drop(late.entered());
            drop(cause);

            let names: Vec<String> =
                telemetry::collect().of_trace(&trace_id).into_iter().map(|span| span.name).collect();
            assert_eq!(names, ["soon", "cause"]);
            let late = telemetry::collect().select(|span| span.links.iter().any(|link| link.trace_id == trace_id));
            assert_eq!(late.len(), 1);
            assert_ne!(late[0].trace_id, trace_id);
            assert_eq!(late[0].service.as_deref(), Some(POLICY_CLIENT));
        })
        .await;
}
