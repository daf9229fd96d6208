//! Sandboxes, and their clock, which goes the same in every service.

use callout_casework::Worker;
use callout_contract::{
    events::v1::LimitMissed,
    intake::v1::{self as pb, clocks_server::Clocks as _, organization::Mode},
    regulation::v1::limit,
    types::v1::SetClockRequest,
};
use callout_intake::SuiteRpcs;
use callout_kit::{Caller, identity::Verifier, parse, settings};
use jiff::Timestamp;
use sqlx::AssertSqlSafe;
use tonic::{Code, Request, Response, Status};

use crate::support::*;

fn opening() -> pb::CreateSandboxRequest {
    let organization = pb::Organization {
        display_name: "Trial".to_owned(),
        adoptions: vec![adoption("R01-aerial-platforms", "2026-01-01 00:00:00")],
        ..pb::Organization::default()
    };
    pb::CreateSandboxRequest {
        parent: OWNER.to_owned(),
        organization: Some(organization),
        clock: at("2026-03-09 09:00:00"),
        request_id: request_id(),
    }
}

async fn open(suite: &Suite, request: pb::CreateSandboxRequest) -> Result<pb::Organization, Status> {
    suite.sandboxes().create_sandbox(owner(request)).await.map(Response::into_inner)
}

async fn advance(suite: &Suite, name: &str, to: &str) -> Result<pb::Organization, Status> {
    let request = pb::AdvanceClockRequest { name: name.to_owned(), to: at(to), request_id: request_id() };
    suite.sandboxes().advance_clock(owner(request)).await.map(Response::into_inner)
}

fn token(name: &str) -> pb::IssueSandboxTokenRequest {
    let (subject, roles) = ("wang".to_owned(), vec!["engineer".to_owned()]);
    pb::IssueSandboxTokenRequest { name: name.to_owned(), subject, roles, agency: String::new() }
}

/// A live organisation of the owner's.
async fn live(suite: &Suite) {
    let organization = Some(pb::Organization::default());
    let request =
        pb::CreateOrganizationRequest { organization_id: "acme".to_owned(), organization, request_id: request_id() };
    suite.organizations().create_organization(owner(request)).await.unwrap();
}

#[tokio::test]
async fn a_sandbox_belongs_to_who_opened_it_and_the_same_request_opens_one() {
    let suite = Suite::without_organization().await;
    let request = opening();
    let (one, other) = tokio::join!(open(&suite, request.clone()), open(&suite, request.clone()));
    let sandbox = open(&suite, request).await.unwrap();
    assert_eq!((&one.unwrap(), &other.unwrap()), (&sandbox, &sandbox));
    assert!(sandbox.name.starts_with("organizations/acme-"), "{}", sandbox.name);
    let said = (sandbox.mode(), sandbox.owner.as_str(), sandbox.clock, sandbox.display_name.as_str());
    assert_eq!(said, (Mode::Sandbox, OWNER, at("2026-03-09 09:00:00"), "Trial"));
    let told: Vec<_> = suite.told::<pb::OrganizationChanged>().await.into_iter().map(|(told, _)| told).collect();
    assert_eq!(told, [pb::OrganizationChanged { organization: Some(sandbox.clone()) }]);

    let second = open(&suite, pb::CreateSandboxRequest { clock: None, ..opening() }).await.unwrap();
    assert_ne!(second.name, sandbox.name);
    assert_eq!(second.clock, at("2026-01-01 08:00:00"));
    let others = pb::CreateSandboxRequest { parent: "organizations/globex".to_owned(), ..opening() };
    assert_refused(open(&suite, others).await, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
}

#[tokio::test]
async fn a_token_of_a_sandbox_acts_there_in_its_roles_and_is_issued_to_its_owner_alone() {
    let suite = Suite::start().await;
    let request = pb::IssueSandboxTokenRequest { agency: no_customer().replace("customers", "agencies"), ..token(ORG) };
    let agency = request.agency.rsplit('/').next().map(str::to_owned);
    let issued = suite.sandboxes().issue_sandbox_token(owner(request)).await.unwrap().into_inner();
    let verifier = Verifier::new(&settings::Identity::default()).unwrap().and_development(&ISSUER).unwrap();
    let expected = Caller { agency, ..caller("wang", &["engineer"]) };
    assert_eq!(verifier.verify(&issued.token).unwrap().caller, expected);

    let stranger = Caller { organization: "globex".to_owned(), ..caller("eve", &["administrator"]) };
    let refused = suite.sandboxes().issue_sandbox_token(from(stranger, token(ORG))).await;
    assert_refused(refused, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
    live(&suite).await;
    let refused = suite.sandboxes().issue_sandbox_token(owner(token(OWNER))).await;
    assert_refused(refused, Code::FailedPrecondition, "CLOCK_FIXED", &[]);
    let foreign = pb::IssueSandboxTokenRequest { agency: format!("{OWNER}/agencies/{}", request_id()), ..token(ORG) };
    let refused = suite.sandboxes().issue_sandbox_token(owner(foreign)).await;
    assert_refused(refused, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
}

/// When what a service has told by events of a type happened, of what happened after a time.
async fn happened_since(suite: &Suite, service: &'static str, event: &str, since: &str) -> Vec<Timestamp> {
    let told = format!("select occurred_at from {service}.event where type = $1 order by occurred_at");
    let told: Vec<jiff_sqlx::Timestamp> =
        sqlx::query_scalar(AssertSqlSafe(told)).bind(event).fetch_all(&suite.superuser).await.unwrap();
    told.into_iter().map(jiff_sqlx::Timestamp::to_jiff).filter(|at| *at > time(since)).collect()
}

#[tokio::test]
async fn the_clock_goes_from_due_time_to_due_time_in_every_service_alike() {
    let suite = Suite::start().await;
    let case = suite.create_case(taking_in(enquiry())).await.unwrap().name;
    let dispatched = suite.at_desk(repair(&suite.product("own", "own").await)).await.name;
    suite.fix(&dispatched).await.unwrap();
    suite.dispatch(&dispatched).await.unwrap();
    // His user was trained three months ago today, and has to be telephoned.
    let trained = pb::Product { trained_on: "2025-12-09".to_owned(), ..machine("own", "own") };
    suite.create_product(trained).await.unwrap();
    let there = advance(&suite, ORG, "2026-03-10 09:00:00").await.unwrap();
    assert_eq!(there.clock, at("2026-03-10 09:00:00"));
    // Intake's own, an hour before the limit of passing the enquiry on and a second after it; evaluation's, when the day of
    // the call is over; dispatch's, four hours before somebody must have arrived; and the end. What dispatch has to do a
    // second after that limit is yet to come.
    let stops = ["09 13:00:00", "09 14:00:01", "10 00:00:00", "10 05:00:00", "10 09:00:00"];
    let stops = stops.map(|stop| time(&format!("2026-03-{stop}")));
    for service in ["dispatch", "inventory", "evaluation"] {
        let clocks = suite.between().calls("SetClock").into_iter().filter(|call| call.service() == service);
        let own = clocks.map(|call| parse::timestamp(call.message::<SetClockRequest>().now.unwrap()).unwrap());
        assert_eq!(own.collect::<Vec<_>>(), stops, "{service}");
    }
    for (service, event, happened_at) in [
        ("dispatch", "callout.events.v1.LimitNearing", vec![stops[3]]),
        ("dispatch", "callout.events.v1.LimitMissed", Vec::new()),
        ("evaluation", "callout.evaluation.v1.DutyProgressed", vec![stops[2]]),
    ] {
        assert_eq!(happened_since(&suite, service, event, "2026-03-09 09:00:00").await, happened_at, "{event}");
    }
    // Nobody passed the enquiry on, and nobody contacted the user whose machine is seen to.
    let told = suite.told::<LimitMissed>().await.into_iter();
    let mut missed: Vec<_> = told.map(|(told, missed_at)| (told.subject, missed_at)).collect();
    missed.sort_unstable();
    assert_eq!(missed, [(case.clone(), stops[1]), (dispatched, stops[1])]);
    assert_eq!(suite.get(&case).await.limits[0].state(), limit::State::Overdue);
}

#[tokio::test]
async fn the_clock_is_moved_by_the_sandboxs_own_people_too_and_forward_only() {
    let suite = Suite::start().await;
    let back = advance(&suite, ORG, "2026-03-09 08:59:59").await;
    assert_refused(back, Code::FailedPrecondition, "CLOCK_FIXED", &[]);
    assert!(suite.between().calls("SetClock").is_empty());
    // The present time moves nothing.
    assert_eq!(advance(&suite, ORG, "2026-03-09 09:00:00").await.unwrap().clock, at("2026-03-09 09:00:00"));
    assert!(suite.between().calls("SetClock").is_empty());

    let to = at("2026-03-09 09:30:00");
    let request = || pb::AdvanceClockRequest { name: ORG.to_owned(), to, request_id: request_id() };
    let own = suite.sandboxes().advance_clock(by("root", "administrator", request())).await.unwrap().into_inner();
    assert_eq!(own.clock, to);
    let stranger = Caller { organization: "globex".to_owned(), ..caller("eve", &["administrator"]) };
    let refused = suite.sandboxes().advance_clock(from(stranger, request())).await;
    assert_refused(refused, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
    live(&suite).await;
    let refused = advance(&suite, OWNER, "2036-01-01 00:00:00").await;
    assert_refused(refused, Code::FailedPrecondition, "CLOCK_FIXED", &[]);
}

#[tokio::test]
async fn a_move_that_came_to_nothing_on_the_way_is_made_everywhere_by_the_next() {
    let suite = Suite::start().await;
    let to = "2026-03-09 09:30:00";
    suite.between().refuse("SetClock", Status::unavailable("nobody is there"));
    assert_eq!(advance(&suite, ORG, to).await.unwrap_err().code(), Code::Unavailable);
    suite.between().leave_alone();
    assert_eq!(advance(&suite, ORG, to).await.unwrap().clock, at(to));
    for service in ["intake", "dispatch", "inventory", "evaluation"] {
        let clock = format!("select clock_at from {service}.organization where organization = $1");
        let clock = sqlx::query_scalar(AssertSqlSafe(clock)).bind(LAB).fetch_one(&suite.superuser).await;
        let clock: jiff_sqlx::Timestamp = clock.unwrap();
        assert_eq!(clock.to_jiff(), time(to), "{service}");
    }
}

#[tokio::test]
async fn a_move_that_was_made_is_answered_again_as_it_was_whatever_time_it_is_by_now() {
    let suite = Suite::start().await;
    let to = at("2026-03-10 09:00:00");
    let request = pb::AdvanceClockRequest { name: ORG.to_owned(), to, request_id: request_id() };
    let first = suite.sandboxes().advance_clock(owner(request.clone())).await.unwrap().into_inner();
    advance(&suite, ORG, "2026-03-11 09:00:00").await.unwrap();
    let again = suite.sandboxes().advance_clock(owner(request)).await.unwrap().into_inner();
    assert_eq!(again, first);
    let get = by("root", "administrator", pb::GetOrganizationRequest { name: ORG.to_owned() });
    let now = suite.organizations().get_organization(get).await.unwrap().into_inner();
    assert_eq!(now.clock, at("2026-03-11 09:00:00"));
}

#[tokio::test]
async fn nobody_but_a_service_of_the_suite_moves_the_clock_of_one_service() {
    let suite = Suite::start().await;
    let mut request = Request::new(SetClockRequest { organization: ORG.to_owned(), now: at("2026-03-10 09:00:00") });
    request.extensions_mut().insert(caller("root", &["administrator"]));
    let clocks = SuiteRpcs(Worker::new(suite.intake.clone()));
    let refused = clocks.set_clock(request).await;
    assert_refused(refused, Code::PermissionDenied, "PERMISSION_MISSING", &[]);
}
