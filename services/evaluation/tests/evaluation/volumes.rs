//! Records that are bound each quarter and kept for ever, and the duties that ask for them.

use callout_contract::evaluation::v1::{
    self as pb, duties_server::Duties as _, duty, volume::State, volumes_server::Volumes as _,
};
use callout_journal::violates;
use tonic::{Code, Status};

use crate::{
    contractor::{OFFICE, SAFETY, TERRITORY, machine, office},
    support::{Bench, ORGANIZATION, by, new_request_id, reason, rules, shown},
};

async fn bind(bench: &Bench, (subject, role): (&str, &str), day: &str) -> Result<pb::Volume, Status> {
    let volume = pb::Volume {
        kept: "maintenance_records".to_owned(),
        day: day.to_owned(),
        contents: "252 maintenance records, 9 fault records".to_owned(),
        ..pb::Volume::default()
    };
    let request = pb::CreateVolumeRequest {
        parent: ORGANIZATION.to_owned(),
        volume: Some(volume),
        request_id: new_request_id(),
        ..pb::CreateVolumeRequest::default()
    };
    Ok(bench.evaluation.create_volume(by(subject, role, request)).await?.into_inner())
}

async fn take_over(bench: &Bench, (subject, role): (&str, &str), name: &str) -> Result<pb::Volume, Status> {
    let request = pb::TakeOverVolumeRequest {
        name: name.to_owned(),
        request_id: new_request_id(),
        ..pb::TakeOverVolumeRequest::default()
    };
    Ok(bench.evaluation.take_over_volume(by(subject, role, request)).await?.into_inner())
}

async fn destroy(bench: &Bench, (subject, role): (&str, &str), name: &str) -> Result<pb::Volume, Status> {
    let request = pb::DestroyVolumeRequest {
        name: name.to_owned(),
        request_id: new_request_id(),
        ..pb::DestroyVolumeRequest::default()
    };
    Ok(bench.evaluation.destroy_volume(by(subject, role, request)).await?.into_inner())
}

async fn duties(bench: &Bench, routine: &str) -> Vec<pb::Duty> {
    let request = pb::ListDutiesRequest {
        parent: ORGANIZATION.to_owned(),
        routine: routine.to_owned(),
        ..pb::ListDutiesRequest::default()
    };
    bench.evaluation.list_duties(by("he", "service_office", request)).await.unwrap().into_inner().duties
}

#[tokio::test]
async fn a_quarter_is_bound_once_it_is_over_handed_over_and_never_destroyed() {
    let bench = office("2024-06-30 23:59:59").await;
    assert_eq!(bind(&bench, TERRITORY, "2024-04-01").await.unwrap_err().code(), Code::InvalidArgument);
    bench.advance("2024-07-01 00:00:00").await;
    assert_eq!(rules(&bind(&bench, SAFETY, "2024-04-01").await.unwrap_err()), ["R22-15"]);
    let bound = bind(&bench, TERRITORY, "2024-04-01").await.unwrap();
    assert_eq!((bound.period.as_str(), bound.period_end_on.as_str()), ("2024-Q2", "2024-06-30"));
    assert_eq!((bound.state(), bound.bound_by.as_str(), bound.keep_until.as_str()), (State::Bound, "tang", ""));
    assert_eq!(reason(&bind(&bench, TERRITORY, "2024-06-30").await.unwrap_err()), "RESOURCE_EXISTS");

    assert_eq!(rules(&take_over(&bench, TERRITORY, &bound.name).await.unwrap_err()), ["R22-15"]);
    let taken = take_over(&bench, SAFETY, &bound.name).await.unwrap();
    assert_eq!((taken.state(), taken.taken_over_by.as_str()), (State::TakenOver, "an"));
    assert_eq!(reason(&take_over(&bench, SAFETY, &bound.name).await.unwrap_err()), "STATE_WRONG");

    let old = bind(&bench, TERRITORY, "2020-05-01").await.unwrap();
    bench.advance("2060-01-01 00:00:00").await;
    assert_eq!(rules(&destroy(&bench, SAFETY, &old.name).await.unwrap_err()), ["R22-15"]);
    assert_eq!(rules(&destroy(&bench, OFFICE, &old.name).await.unwrap_err()), ["R22-15", "R22-15"]);
    let list = pb::ListVolumesRequest { parent: ORGANIZATION.to_owned(), ..pb::ListVolumesRequest::default() };
    let list = bench.evaluation.list_volumes(by("an", "safety_quality", list)).await.unwrap().into_inner().volumes;
    assert_eq!(list, [old.clone(), taken]);
    let get = pb::GetVolumeRequest { name: old.name.clone() };
    assert_eq!(bench.evaluation.get_volume(by("an", "safety_quality", get)).await.unwrap().into_inner(), old);
}

#[tokio::test]
async fn the_duty_to_bind_is_done_with_the_volume_of_its_quarter() {
    let bench = office("2024-06-28 09:00:00").await;
    bench.advance("2024-07-05 09:00:00").await;
    let before = duties(&bench, "record_binding").await;
    assert_eq!(
        before.iter().map(|duty| shown(duty.due_at)).collect::<Vec<_>>(),
        ["2024-07-31 23:59:59", "2024-10-31 23:59:59"]
    );
    let volume = bind(&bench, TERRITORY, "2024-06-30").await.unwrap();
    let after = duties(&bench, "record_binding").await;
    assert_eq!((after[0].state(), after[0].outcome.as_str()), (duty::State::Done, volume.name.as_str()));
    assert_eq!(after[1], before[1], "the next quarter is yet to be bound");
}

#[tokio::test]
async fn every_machine_is_inspected_in_each_year_and_what_is_missing_is_overdue() {
    let bench = office("2024-12-30 09:00:00").await;
    for number in 1..=3 {
        machine(&bench, number, "2024-12-30 09:00:00").await;
    }
    for inspected in &duties(&bench, "self_inspection").await[..2] {
        let request = pb::CompleteDutyRequest {
            name: inspected.name.clone(),
            outcome: "complete record".to_owned(),
            request_id: new_request_id(),
            ..pb::CompleteDutyRequest::default()
        };
        bench.evaluation.complete_duty(by("wei", "maintenance_staff", request)).await.unwrap();
    }
    bench.advance("2025-01-01 00:00:00").await;
    let all = duties(&bench, "self_inspection").await;
    let of_year = |year: &str| {
        all.iter().filter(|it| it.period_start_on.starts_with(year)).map(pb::Duty::state).collect::<Vec<_>>()
    };
    assert_eq!(of_year("2024"), [duty::State::Done, duty::State::Done, duty::State::Missed]);
    assert_eq!(of_year("2025"), [duty::State::Open; 3]);
}

#[tokio::test]
async fn no_statement_of_the_service_deletes_a_volume_or_destroys_one_that_is_kept_for_ever() {
    let bench = office("2024-07-01 09:00:00").await;
    bind(&bench, TERRITORY, "2024-06-30").await.unwrap();
    let error =
        sqlx::query("update evaluation.volume set state = 'DESTROYED'").execute(&bench.superuser).await.unwrap_err();
    assert!(violates(&error, "volume_is_kept"), "{error}");
}
