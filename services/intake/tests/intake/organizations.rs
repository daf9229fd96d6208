//! Organisations and what they set.

use callout_contract::{
    intake::v1::{self as pb, organization::Mode},
    types::v1::SettleRequest,
};
use callout_kit::Caller;
use prost::Message as _;
use sqlx::AssertSqlSafe;
use tonic::{Code, Request, Response, Status};

use crate::support::*;

/// The services that keep a copy of each organisation.
const OTHERS: [&str; 3] = ["dispatch", "evaluation", "inventory"];

fn root<R>(organization: &str, request: R) -> Request<R> {
    from(Caller { organization: organization.to_owned(), ..caller("root", &["administrator"]) }, request)
}

fn founding(id: &str) -> pb::CreateOrganizationRequest {
    let organization = pb::Organization { display_name: "Acme".to_owned(), ..pb::Organization::default() };
    pb::CreateOrganizationRequest {
        organization_id: id.to_owned(),
        organization: Some(organization),
        request_id: request_id(),
    }
}

async fn create(suite: &Suite, request: pb::CreateOrganizationRequest) -> Result<pb::Organization, Status> {
    let own = root(&request.organization_id.clone(), request);
    suite.organizations().create_organization(own).await.map(Response::into_inner)
}

async fn update(suite: &Suite, organization: pb::Organization, paths: &[&str]) -> Result<pb::Organization, Status> {
    let request = pb::UpdateOrganizationRequest {
        organization: Some(pb::Organization { name: ORG.to_owned(), ..organization }),
        update_mask: Some(mask(paths)),
        request_id: request_id(),
    };
    suite.organizations().update_organization(root(LAB, request)).await.map(Response::into_inner)
}

/// Which of the other services have an organisation, and what they call it.
async fn known(suite: &Suite, id: &str) -> Vec<(&'static str, String)> {
    let mut known = Vec::new();
    for service in OTHERS {
        let document = format!("select document from {service}.organization where organization = $1");
        let document: Option<Vec<u8>> =
            sqlx::query_scalar(AssertSqlSafe(document)).bind(id).fetch_optional(&suite.superuser).await.unwrap();
        known.extend(
            document.map(|document| (service, pb::Organization::decode(document.as_slice()).unwrap().display_name)),
        );
    }
    known
}

async fn get(suite: &Suite, name: &str) -> Result<pb::Organization, Status> {
    let request = pb::GetOrganizationRequest { name: name.to_owned() };
    let id = name.trim_start_matches("organizations/");
    suite.organizations().get_organization(root(id, request)).await.map(Response::into_inner)
}

#[tokio::test]
async fn an_organisation_is_taken_in_by_its_own_people_and_the_others_hear_of_it() {
    let suite = Suite::without_organization().await;
    let made = create(&suite, founding("acme")).await.unwrap();
    let expected = pb::Organization {
        name: OWNER.to_owned(),
        display_name: "Acme".to_owned(),
        mode: Mode::Live.into(),
        etag: "\"1\"".to_owned(),
        ..pb::Organization::default()
    };
    assert_eq!(made, expected);
    assert_eq!(get(&suite, OWNER).await.unwrap(), made);
    let told: Vec<_> = suite.told::<pb::OrganizationChanged>().await.into_iter().map(|(told, _)| told).collect();
    assert_eq!(told, [pb::OrganizationChanged { organization: Some(made) }]);
    let settled = suite.between().calls("Settle");
    assert!(settled.iter().all(|call| call.message::<SettleRequest>().organization == OWNER), "{settled:?}");
    let mut called: Vec<&str> = settled.iter().map(Noted::service).collect();
    called.sort_unstable();
    assert_eq!(called, OTHERS);
    assert_eq!(known(&suite, "acme").await, OTHERS.map(|service| (service, "Acme".to_owned())));

    let stranger = suite.organizations().create_organization(root("globex", founding("hooli"))).await;
    assert_refused(stranger, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
}

#[tokio::test]
async fn an_organisation_is_taken_in_although_another_service_cannot_be_told() {
    let suite = Suite::without_organization().await;
    suite.between().refuse("Settle", Status::internal("deaf"));
    create(&suite, founding("acme")).await.unwrap();
    assert_eq!(suite.events(OWNER).await, ["OrganizationChanged"]);
    assert_eq!(known(&suite, "acme").await, []);
    // They hear of it by intake's feed, once they read it.
    suite.between().leave_alone();
    create(&suite, founding("globex")).await.unwrap();
    assert_eq!(known(&suite, "acme").await, OTHERS.map(|service| (service, "Acme".to_owned())));
}

#[tokio::test]
async fn an_id_is_3_to_40_small_letters_figures_and_dashes() {
    let suite = Suite::without_organization().await;
    for wrong in ["ab", "Acme", "-acme", "acme.cn", "a b", &"x".repeat(41)] {
        assert_eq!(wrong_fields(create(&suite, founding(wrong)).await), ["organization_id"], "{wrong}");
    }
    for right in ["abc", "7-eleven", &"x".repeat(40)] {
        create(&suite, founding(right)).await.unwrap();
    }
}

#[tokio::test]
async fn an_id_is_taken_once_and_the_same_request_has_one_answer() {
    let suite = Suite::without_organization().await;
    let request = founding("acme");
    let (one, other) = tokio::join!(create(&suite, request.clone()), create(&suite, request.clone()));
    let again = create(&suite, request).await.unwrap();
    assert_eq!((&one.unwrap(), &other.unwrap()), (&again, &again));
    assert_refused(create(&suite, founding("acme")).await, Code::AlreadyExists, "RESOURCE_EXISTS", &[]);

    let (one, other) = tokio::join!(create(&suite, founding("globex")), create(&suite, founding("globex")));
    let (made, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    made.unwrap();
    assert_refused(refused, Code::AlreadyExists, "RESOURCE_EXISTS", &[]);
    assert_eq!(suite.events("organizations/globex").await, ["OrganizationChanged"]);
}

#[tokio::test]
async fn every_wrong_setting_is_told_at_once() {
    let suite = Suite::start().await;
    let day = |date: &str, kind| pb::SpecialDay { date: date.to_owned(), kind };
    let table = |valid_from: &str, valid_to: &str, km: &str| pb::Table {
        table: "on_site_visit".to_owned(),
        valid_from: valid_from.to_owned(),
        valid_to: valid_to.to_owned(),
        values: [("km".to_owned(), km.to_owned())].into(),
    };
    let wrong = pb::Organization {
        display_name: "x".repeat(201),
        adoptions: vec![
            adoption("R01-aerial-platforms", "2026-01-01 00:00:00"),
            pb::Adoption { revision: 99, ..adoption("R01-aerial-platforms", "2026-01-01 00:00:00") },
            adoption("R99-nothing", "2026-01-01 00:00:00"),
        ],
        special_days: vec![day("2026-10-01", 1), day("2026-10-01", 2), day("10-02", 77)],
        tables: vec![table("2026-01", "soon", "cheap"), table("2026-01-02", "2026-01-01", "1.20")],
        review_after: "a week".to_owned(),
        ..pb::Organization::default()
    };
    let before = get(&suite, ORG).await.unwrap();
    assert_eq!(
        wrong_fields(update(&suite, wrong, &["*"]).await),
        [
            "display_name",
            "adoptions[1].pack",
            "adoptions[2].pack",
            "special_days[1].date",
            "special_days[2].date",
            "special_days[2].kind",
            "tables[0].valid_from",
            "tables[0].valid_to",
            "tables[0].values.km",
            "tables[1].valid_to",
            "review_after",
        ]
        .map(|field| format!("organization.{field}"))
    );
    assert_eq!(get(&suite, ORG).await.unwrap(), before);
}

#[tokio::test]
async fn an_update_changes_what_its_mask_names_and_neither_mode_nor_clock_nor_owner() {
    let suite = Suite::start().await;
    let before = get(&suite, ORG).await.unwrap();
    let asked = pb::Organization {
        display_name: "Lab".to_owned(),
        mode: Mode::Live.into(),
        owner: "organizations/globex".to_owned(),
        clock: at("2030-01-01 00:00:00"),
        review_after: "3d".to_owned(),
        ..pb::Organization::default()
    };
    let changed = update(&suite, asked.clone(), &["display_name"]).await.unwrap();
    let expected = pb::Organization { display_name: "Lab".to_owned(), etag: "\"2\"".to_owned(), ..before.clone() };
    assert_eq!(changed, expected);
    let all = update(&suite, asked.clone(), &["*"]).await.unwrap();
    assert_eq!((all.review_after.as_str(), all.adoptions.len()), ("3d", 0));
    assert_eq!((all.mode, &all.owner, all.clock), (before.mode, &before.owner, before.clock));
    for paths in [&["mode"][..], &["display_name", "clock"]] {
        assert_eq!(wrong_fields(update(&suite, asked.clone(), paths).await), ["update_mask"], "{paths:?}");
    }
}

#[tokio::test]
async fn of_two_changes_at_the_same_moment_neither_is_lost() {
    let suite = Suite::start().await;
    let name = pb::Organization { display_name: "Lab".to_owned(), ..pb::Organization::default() };
    let days = vec![pb::SpecialDay { date: "2026-10-01".to_owned(), kind: 1 }];
    let days = pb::Organization { special_days: days, ..pb::Organization::default() };
    let (one, other) = tokio::join!(update(&suite, name, &["display_name"]), update(&suite, days, &["special_days"]));
    assert_ne!(one.unwrap().etag, other.unwrap().etag);
    let both = get(&suite, ORG).await.unwrap();
    assert_eq!((both.display_name.as_str(), both.special_days.len(), both.etag.as_str()), ("Lab", 1, "\"3\""));
}

#[tokio::test]
async fn a_case_is_judged_by_the_regulation_in_force_when_it_was_received() {
    let suite = Suite::start().await;
    let machine = suite.product("own", "own").await;
    let received = async |when: &str| {
        let request = pb::CreateCaseRequest { occurred_at: at(when), ..taking_in(repair(&machine)) };
        suite.create_case(request).await
    };
    let before = received("2026-03-09 08:00:00").await.unwrap();
    let adopted = pb::Organization {
        adoptions: vec![
            adoption("R01-aerial-platforms", "2026-03-01 00:00:00"),
            adoption("R01-agent-sales", "2026-03-09 08:00:00"),
        ],
        ..pb::Organization::default()
    };
    update(&suite, adopted, &["adoptions"]).await.unwrap();
    assert_eq!(received("2026-03-09 08:00:00").await.unwrap().regulation, "R01-agent-sales@1");
    assert_eq!(received("2026-03-09 07:59:59").await.unwrap().regulation, REGULATION);
    let none = received("2026-02-28 23:59:59").await;
    assert_refused(none, Code::FailedPrecondition, "SETTING_MISSING", &[]);
    // What was decided stays: the first case goes on by the regulation that it began under.
    assert_eq!(suite.pass(&before.name).await.unwrap().regulation, REGULATION);
}

#[tokio::test]
async fn a_holiday_moves_what_is_counted_in_working_hours() {
    let suite = Suite::start().await;
    let due = async || suite.create_case(taking_in(enquiry())).await.unwrap().next_due_at;
    assert_eq!(due().await, at("2026-03-09 14:00:00"));
    let holiday = pb::SpecialDay { date: "2026-03-09".to_owned(), kind: pb::special_day::Kind::Holiday.into() };
    let holiday = pb::Organization { special_days: vec![holiday], ..pb::Organization::default() };
    update(&suite, holiday, &["special_days"]).await.unwrap();
    assert_eq!(due().await, at("2026-03-10 12:00:00"));
}
