//! Calls from one service to another.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use callout_kit::{
    Call, Caller, Error, Language,
    client::{Channel, Lookup},
    deadline::{self, Deadline},
    server::Running,
    settings,
};
use tonic::Code;

use crate::support::*;

fn channel(url: &str) -> Channel {
    channel_by(url, &settings::Client::default())
}

fn channel_by(url: &str, settings: &settings::Client) -> Channel {
    Channel::new("intake", url, settings, Some(ISSUER.signer())).unwrap().with_policies(policy_of)
}

/// A workshop that fails the first `failures` calls in its own words and counts all of them.
fn failing(failures: usize, error: fn() -> Error) -> (Workshop, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let workshop = Workshop::new(move |_| {
        let failed = counter.fetch_add(1, Ordering::Relaxed) < failures;
        std::future::ready(if failed { Err(error()) } else { Ok(()) })
    });
    (workshop, calls)
}

fn busy() -> Error {
    Error::Busy { retry_after: Duration::ZERO }
}

fn overloaded() -> Error {
    Error::Overloaded { retry_after: Duration::from_millis(1) }
}

fn stale() -> Error {
    Error::Stale { name: "organizations/acme/cases/7".to_owned() }
}

#[tokio::test]
async fn a_call_that_may_be_repeated_is_sent_three_times_at_most() {
    for error in [busy as fn() -> Error, overloaded] {
        let (workshop, calls) = failing(2, error);
        let running = serve(workshop).await;
        workshop_client(channel(&running.url()), "Do").check(anonymous()).await.unwrap();
        assert_eq!(calls.load(Ordering::Relaxed), 3);

        let (workshop, calls) = failing(3, error);
        let running = serve(workshop).await;
        let refused = workshop_client(channel(&running.url()), "Do").check(anonymous()).await.unwrap_err();
        assert_eq!(refused.code(), error().code());
        assert_eq!(calls.load(Ordering::Relaxed), 3);
    }
}

#[tokio::test]
async fn a_call_that_may_not_be_repeated_and_a_refusal_are_sent_once() {
    for (method, error) in [("Once", busy as fn() -> Error), ("Do", stale)] {
        let (workshop, calls) = failing(1, error);
        let running = serve(workshop).await;
        let refused = workshop_client(channel(&running.url()), method).check(anonymous()).await.unwrap_err();
        assert_eq!(refused.code(), error().code());
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test]
async fn retries_stay_within_their_budget() {
    const CALLS: usize = 200;
    let (workshop, sent) = failing(usize::MAX, busy);
    let running = serve(workshop).await;
    let channel = channel(&running.url());
    for _ in 0..CALLS {
        let mut client = workshop_client(channel.clone(), "Do");
        client.check(anonymous()).await.unwrap_err();
    }
    // One in ten, and the reserve of one a second for the ten seconds that it looks back.
    assert!(sent.load(Ordering::Relaxed) <= CALLS + CALLS / 10 + 10, "{}", sent.load(Ordering::Relaxed));
}

/// Sends `calls` calls and says which of the servers answered them.
async fn answered_by(channel: &Channel, calls: usize, answered: &Mutex<Vec<usize>>) -> HashSet<usize> {
    answered.lock().unwrap().clear();
    for _ in 0..calls {
        workshop_client(channel.clone(), "Do").check(anonymous()).await.unwrap();
    }
    answered.lock().unwrap().iter().copied().collect()
}

async fn numbered(number: usize, listen: std::net::SocketAddr, answered: &Arc<Mutex<Vec<usize>>>) -> Running {
    let answered = Arc::clone(answered);
    let workshop = Workshop::new(move |_| {
        answered.lock().unwrap().push(number);
        std::future::ready(Ok(()))
    });
    serve_by(&settings::Server { listen, ..quick() }, workshop).await
}

#[tokio::test]
async fn all_addresses_get_calls_a_dead_one_costs_nobody_anything_and_comes_back() {
    let answered = Arc::new(Mutex::new(Vec::new()));
    let any = ([127, 0, 0, 1], 0).into();
    let first = numbered(1, any, &answered).await;
    let second = numbered(2, any, &answered).await;
    let settings = settings::Client { ejection_ms: 20, ..settings::Client::default() };
    let channel = channel_by(&format!("{},{}", first.url(), second.url()), &settings);
    assert_eq!(answered_by(&channel, 50, &answered).await, HashSet::from([1, 2]));

    let address = first.address();
    first.shutdown().await.unwrap();
    assert_eq!(answered_by(&channel, 50, &answered).await, HashSet::from([2]));

    let _first = numbered(1, address, &answered).await;
    tokio::time::timeout(Duration::from_secs(10), async {
        while !answered_by(&channel, 5, &answered).await.contains(&1) {}
    })
    .await
    .expect("the address is given calls again");
}

#[tokio::test]
async fn an_address_that_a_name_gains_gets_calls_and_one_that_it_loses_gets_none() {
    let answered = Arc::new(Mutex::new(Vec::new()));
    let any = ([127, 0, 0, 1], 0).into();
    let first = numbered(1, any, &answered).await;
    let second = numbered(2, any, &answered).await;
    let known = Arc::new(Mutex::new(vec![first.address()]));
    let knows = Arc::clone(&known);
    let lookup: Lookup = Arc::new(move |name, _| {
        assert_eq!(name, "workshop.test");
        Box::pin(std::future::ready(Ok(knows.lock().unwrap().clone())))
    });
    let settings = settings::Client { resolve_interval_ms: 10, ..settings::Client::default() };
    let channel = Channel::looked_up_by(lookup, "intake", "http://workshop.test", &settings, Some(ISSUER.signer()));
    let channel = channel.unwrap().with_policies(policy_of);
    assert_eq!(answered_by(&channel, 20, &answered).await, HashSet::from([1]));
    for (addresses, answering) in
        [(vec![first.address(), second.address()], HashSet::from([1, 2])), (vec![second.address()], HashSet::from([2]))]
    {
        *known.lock().unwrap() = addresses;
        tokio::time::timeout(Duration::from_secs(10), async {
            while answered_by(&channel, 20, &answered).await != answering {}
        })
        .await
        .expect("the addresses of the name are followed");
    }
}

#[tokio::test]
async fn a_name_without_an_address_and_a_port_without_a_server_are_unavailable_after_three_tries() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    // The deadline is far away, so that it is not what ends the tries.
    let patient = settings::Client { default_deadline_ms: 600_000, ..settings::Client::default() };
    for url in [format!("http://{nobody}"), "http://nowhere.invalid:1".to_owned()] {
        let mut client = workshop_client(channel_by(&url, &patient), "Do");
        let tried = tokio::time::timeout(Duration::from_secs(30), client.check(anonymous())).await;
        assert_eq!(tried.unwrap().unwrap_err().code(), Code::Unavailable, "{url}");
    }
}

#[tokio::test]
async fn no_call_on_behalf_of_another_outlasts_it() {
    let running = serve(Workshop::new(|asked| async move {
        let left = deadline::from_headers(&asked.metadata().clone().into_headers()).expect("a deadline is sent");
        assert!(left <= Duration::from_millis(995), "{left:?}");
        Ok(())
    }))
    .await;
    let channel = channel(&running.url());
    let call = |left| Call {
        deadline: Some(Deadline::after(left)),
        ..Call::own_work("intake", Caller::service("intake", "acme"))
    };
    let mut client = workshop_client(channel.clone(), "Do");
    call(Duration::from_secs(1)).scope(client.check(anonymous())).await.unwrap();
    // What the request itself allows does not matter where the caller allows less.
    let mut generous = anonymous();
    generous.set_timeout(Duration::from_mins(1));
    call(Duration::from_secs(1)).scope(client.check(generous)).await.unwrap();
    let late = call(Duration::from_millis(4)).scope(client.check(anonymous())).await.unwrap_err();
    assert_eq!(late.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_call_that_is_not_answered_in_time_is_deadline_exceeded_for_who_made_it() {
    let running = serve(Workshop::stuck()).await;
    let settings = settings::Client { default_deadline_ms: 50, ..settings::Client::default() };
    let mut client = workshop_client(channel_by(&running.url(), &settings), "Do");
    assert_eq!(client.check(anonymous()).await.unwrap_err().code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_service_calls_on_behalf_of_its_caller_and_in_their_language() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let witness = Arc::clone(&seen);
    let running = serve(Workshop::new(move |asked| {
        let caller = Caller::of(&asked).cloned();
        witness.lock().unwrap().extend(caller);
        std::future::ready(Ok(()))
    }))
    .await;
    let mut client = workshop_client(channel(&running.url()), "Do");
    let viewer = Caller { language: Language::Chinese, agency: Some("north".to_owned()), ..caller("viewer") };
    Call::own_work("intake", viewer.clone()).scope(client.check(anonymous())).await.unwrap();
    client.check(anonymous()).await.unwrap();

    let seen = seen.lock().unwrap();
    let [on_behalf, own] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!(on_behalf.service.as_deref(), Some("intake"));
    assert_eq!((&on_behalf.subject, &on_behalf.agency), (&viewer.subject, &viewer.agency));
    assert_eq!((&on_behalf.organization, on_behalf.language), (&viewer.organization, Language::Chinese));
    assert_eq!((own.subject.as_str(), own.organization.as_str()), ("services/intake", Caller::EVERY_ORGANIZATION));
}

#[tokio::test]
async fn a_stream_is_read_through_to_its_own_end() {
    let running = serve(Workshop::willing().streaming(|_| {
        let items = [Ok(()), Ok(()), Err(stale())];
        Box::pin(futures::stream::iter(items))
    }))
    .await;
    let mut client = workshop_client(channel(&running.url()), "Watch");
    let mut stream = client.watch(anonymous()).await.unwrap().into_inner();
    assert!(stream.message().await.unwrap().is_some());
    assert!(stream.message().await.unwrap().is_some());
    assert_eq!(stream.message().await.unwrap_err().code(), Code::Aborted);
}
