//! The checker finds nothing after honest work, and each violation that is planted.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use callout::invariants::{self, Invariant};
use callout_testkit::scenario::Scenario;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};

use crate::{scenarios, stage::Stage};

/// How long it may take after the last call until the services have dealt with what they told one another.
const BACKLOGS_ARE_EMPTY_WITHIN: Duration = Duration::from_mins(1);

/// What goes against each invariant, some in several ways, and how it gets past what the database itself keeps.
const PLANTED: &[(&str, &str)] = &[
    (
        "open_case_is_kept",
        "alter table intake.service_case drop constraint case_is_kept;
         update intake.service_case set state = 'AT_DESK', owner = null where ctid = (select min(ctid) from intake.service_case)",
    ),
    (
        "open_order_is_kept",
        "alter table dispatch.work_order drop constraint work_order_is_kept;
         update dispatch.work_order set state = 'OPEN', owner = 'lead', next_due_at = null
          where ctid = (select min(ctid) from dispatch.work_order)",
    ),
    (
        "open_claim_is_kept",
        "alter table evaluation.claim drop constraint claim_is_kept;
         update evaluation.claim set owner = null, state = 'HANDED_IN', passed = null, refused = null
          where ctid = (select min(ctid) from evaluation.claim)",
    ),
    (
        "one_active_order",
        "drop index dispatch.work_order_active;
         alter table dispatch.work_order drop constraint work_order_is_kept;
         update dispatch.work_order set state = 'OPEN' where ctid = (select min(ctid) from dispatch.work_order);
         insert into dispatch.work_order
         select (jsonb_populate_record(o, jsonb_build_object('work_order_id', gen_random_uuid(), 'number', 'W-again'))).*
           from dispatch.work_order o where state = 'OPEN' limit 1",
    ),
    (
        "nobody_in_two_places",
        "alter table dispatch.visit drop constraint visit_engineer_is_free;
         insert into dispatch.visit
         select (jsonb_populate_record(v, jsonb_build_object('visit_id', gen_random_uuid()))).*
           from dispatch.visit v where not cancelled limit 1",
    ),
    (
        "case_has_its_order",
        "alter table intake.service_case drop constraint case_is_kept;
         update intake.service_case set state = 'DISPATCHED', work_order_id = gen_random_uuid()
          where ctid = (select min(ctid) from intake.service_case)",
    ),
    (
        "order_has_its_case",
        "alter table dispatch.work_order drop constraint work_order_is_kept;
         update dispatch.work_order set state = 'OPEN'
          where ctid = (select min(ctid) from dispatch.work_order where state = 'CLOSED')",
    ),
    (
        "balance_is_what_moved",
        "update inventory.balance set quantity = quantity + 1 where ctid = (select min(ctid) from inventory.balance)",
    ),
    (
        "stock_is_conserved",
        "update inventory.balance set quantity = quantity + 0.5 where ctid = (select min(ctid) from inventory.balance)",
    ),
    (
        "nothing_from_nothing",
        "alter table inventory.balance drop constraint balance_not_below_zero;
         update inventory.balance set quantity = -1 where ctid = (select min(ctid) from inventory.balance where account = 'ON_HAND')",
    ),
    (
        "slip_line_adds_up",
        "alter table inventory.loan_line drop constraint line_balances;
         update inventory.loan_line set lost = lost + 1 where ctid = (select min(ctid) from inventory.loan_line)",
    ),
    (
        "papers_say_what_moved",
        "delete from inventory.movement where movement_id =
             (select movement_id from inventory.movement where cause like '%/loanSlips/%' and from_account = 'ON_HAND' limit 1)",
    ),
    (
        "papers_say_what_moved",
        "delete from inventory.movement where movement_id =
             (select movement_id from inventory.movement where cause like '%/partsRequisitions/%' limit 1)",
    ),
    (
        "papers_say_what_moved",
        "delete from inventory.movement where movement_id =
             (select movement_id from inventory.movement where cause like '%/customerReturns/%' limit 1)",
    ),
    (
        "request_has_its_answer",
        "update dispatch.request set answer = null where ctid = (select min(ctid) from dispatch.request)",
    ),
    (
        "request_has_one_entry",
        "delete from intake.audit where cause = (select request_id::text from intake.request where method like '%CreateCase' limit 1)",
    ),
    (
        "event_has_one_effect",
        "insert into evaluation.audit (organization, subject, roles, method, resource, cause, class, occurred_at, recorded_at)
         select organization, subject, roles, method, resource, cause, class, occurred_at, recorded_at
           from evaluation.audit where method like 'callout.%.v1.WorkOrderHandedIn' limit 1",
    ),
    (
        "events_in_order",
        "insert into inventory.audit (organization, subject, roles, method, resource, cause, class, occurred_at, recorded_at)
         select e.organization, 'services/inventory', '{}', e.type, e.subject, e.event_id, 'CHANGE', e.occurred_at, e.recorded_at
           from intake.event e
           join (select subject from intake.event where type = 'callout.intake.v1.CaseProgressed'
                  group by subject having count(*) > 1 limit 1) twice using (subject)
          where e.type = 'callout.intake.v1.CaseProgressed'
          order by e.xid desc, e.position desc",
    ),
    (
        "feed_is_read_to_its_end",
        "update evaluation.follower set xid = '1', position = 0 where name = 'dispatch'",
    ),
    (
        "organizations_agree",
        "update inventory.organization set version = version + 1 where ctid = (select min(ctid) from inventory.organization)",
    ),
    (
        "clocks_are_moved_everywhere",
        "update dispatch.organization set clock_at = clock_at - interval '1 second'
          where ctid = (select min(ctid) from dispatch.organization where mode = 'SANDBOX')",
    ),
    (
        "inventory_knows_the_cases",
        "delete from inventory.case_view where ctid = (select min(ctid) from inventory.case_view)",
    ),
    ("papers_have_their_claim", "delete from evaluation.claim where ctid = (select min(ctid) from evaluation.claim)"),
    (
        "timers_are_not_late",
        "insert into intake.organization (organization, mode, document, version) values ('live', 'LIVE', '', 1);
         insert into intake.timer (organization, key, kind, subject, run_at, payload, retry_at)
         values ('live', 'late', 'limit', 'late', now() - interval '61 seconds', '', now())",
    ),
    ("rows_are_bound", "drop policy tenant on dispatch.quote"),
    ("services_keep_to_themselves", "grant usage on schema intake to svc_dispatch"),
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_found_after_scenarios_and_everything_that_is_planted() {
    let stage = Stage::start().await;
    let some = ["R01-S2", "R01-S8", "R01-S9", "R13-S5", "R20-S6", "from-call-to-score"];
    let scenarios: Vec<Scenario> = scenarios::all().into_iter().filter(|it| some.contains(&it.id.as_str())).collect();
    scenarios::play(&stage, &scenarios).await;
    let mut connection = stage.database.options().connect().await.expect("a connection of the superuser");
    come_to_rest(&mut connection).await;
    for (name, planting) in PLANTED {
        let invariant = invariants::all().find(|invariant| invariant.name == *name).expect(name);
        planted(&mut connection, invariant, planting).await;
    }
    stage.stop().await;
}

#[test]
fn every_invariant_has_a_violation_that_is_planted() {
    let names: BTreeSet<_> = invariants::all().map(|invariant| invariant.name).collect();
    assert_eq!(names, PLANTED.iter().map(|(name, _)| *name).collect());
}

/// Looks until nothing is found any more: the services still tell one another of the last calls.
async fn come_to_rest(connection: &mut PgConnection) {
    let started = Instant::now();
    loop {
        let found = invariants::check(connection, true).await.expect("the database can be asked");
        if found.is_empty() {
            return;
        }
        assert!(started.elapsed() < BACKLOGS_ARE_EMPTY_WITHIN, "{found:#?}");
    }
}

/// Plants a violation, sees it found by its invariant, and takes it back.
async fn planted(connection: &mut PgConnection, invariant: &Invariant, planting: &str) {
    let mut tx = connection.begin().await.expect("a transaction");
    let statements = AssertSqlSafe(planting.to_owned());
    sqlx::raw_sql(statements).execute(&mut *tx).await.unwrap_or_else(|fault| panic!("{}: {fault}", invariant.name));
    let found = invariants::violations(&mut tx, invariant).await.expect("the database can be asked");
    assert!(!found.is_empty(), "{} finds nothing of what was planted", invariant.name);
    assert!(found.iter().all(|violation| violation.invariant == invariant.name));
    tx.rollback().await.expect("as if nothing had been");
}
