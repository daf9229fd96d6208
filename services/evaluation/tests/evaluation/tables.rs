//! What the tables guarantee, whatever the code above them does.

use callout_journal::{Service, migration::unprotected_tables, violates};
use sqlx::{ConnectOptions as _, PgConnection};

use crate::support::{Bench, PASSWORD, handed_in, name};

/// Statements as the service's own role could send them, past the code.
async fn service_role(bench: &Bench) -> PgConnection {
    let options = bench.database.options().clone().username(Service::Evaluation.role()).password(PASSWORD);
    let mut connection = options.connect().await.unwrap();
    sqlx::query("select set_config('app.organization', 'lab', false)").execute(&mut connection).await.unwrap();
    connection
}

async fn code(connection: &mut PgConnection, statement: &'static str) -> String {
    let error = sqlx::query(statement).execute(connection).await.unwrap_err();
    error.as_database_error().unwrap().code().unwrap().into_owned()
}

#[tokio::test]
async fn every_table_is_under_the_policy_of_its_tenant() {
    let bench = Bench::start("2026-03-18 16:00:00").await;
    let mut connection = bench.superuser.acquire().await.unwrap();
    assert_eq!(unprotected_tables(&mut connection, Service::Evaluation).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn another_organisation_and_a_partner_agency_see_nothing() {
    let bench = Bench::start("2026-03-18 16:00:00").await;
    bench.tell(&handed_in(1, Vec::new()), "2026-03-18 16:00:00").await;
    let mut connection = service_role(&bench).await;
    let seen = async |connection: &mut PgConnection| -> i64 {
        let count = "select (select count(*) from evaluation.claim) + (select count(*) from evaluation.duty)";
        sqlx::query_scalar(count).fetch_one(connection).await.unwrap()
    };
    assert!(seen(&mut connection).await > 1);
    sqlx::query("select set_config('app.agency', 'partner', false)").execute(&mut connection).await.unwrap();
    assert_eq!(seen(&mut connection).await, 0);
    let other = "select set_config('app.agency', '', false), set_config('app.organization', 'other', false)";
    sqlx::query(other).execute(&mut connection).await.unwrap();
    assert_eq!(seen(&mut connection).await, 0);
}

#[tokio::test]
async fn what_is_in_the_ledger_cannot_be_changed_or_taken_out() {
    let bench = Bench::start("2026-03-18 16:00:00").await;
    let mut connection = service_role(&bench).await;
    for statement in [
        "update evaluation.ledger_entry set amount = 0",
        "delete from evaluation.ledger_entry",
        "update evaluation.finding set person = 'li'",
        "delete from evaluation.scorecard",
        "update evaluation.scorecard set result = 100",
        "update evaluation.scorecard set document = '{}'",
        "update evaluation.goal_sheet set document = '{}'",
        "update evaluation.appointment set from_on = '2020-01-01'",
        "update evaluation.figure set value = 0",
        "update evaluation.figure_entry set in_window = true",
        "delete from evaluation.conduct_card",
        "update evaluation.loss set amount = 0",
        "update evaluation.loss_share set amount = 0",
        "delete from evaluation.loss_share",
        "update evaluation.bonus_deduction set total = 0",
        "delete from evaluation.bonus_deduction",
        "update evaluation.performance_pay set amount = 0",
        "update evaluation.annual_income set total = 0",
        "delete from evaluation.claim",
        "delete from evaluation.settlement",
        "delete from evaluation.volume",
    ] {
        assert_eq!(code(&mut connection, statement).await, "42501", "{statement}");
    }
}

#[tokio::test]
async fn an_open_claim_has_an_owner_and_a_due_time_and_an_audited_one_adds_up() {
    let bench = Bench::start("2026-03-18 16:00:00").await;
    bench.tell(&handed_in(1, Vec::new()), "2026-03-18 16:00:00").await;
    for (statement, constraint) in [
        ("update evaluation.claim set owner = null", "claim_is_kept"),
        ("update evaluation.claim set next_due_at = null", "claim_is_kept"),
        ("update evaluation.claim set state = 'AUDITED'", "claim_is_audited"),
        ("update evaluation.claim set state = 'AUDITED', passed = 1600, refused = 0", "claim_is_audited"),
        ("update evaluation.duty set owner = null", "duty_is_kept"),
    ] {
        let error = sqlx::query(statement).execute(&bench.superuser).await.unwrap_err();
        assert!(violates(&error, constraint), "{statement}: {error}");
    }
}

#[tokio::test]
async fn an_order_has_one_claim_and_a_missed_limit_each_consequence_once() {
    let bench = Bench::start("2026-03-18 16:00:00").await;
    bench.tell(&handed_in(1, Vec::new()), "2026-03-18 16:00:00").await;
    let twice =
        "insert into evaluation.claim select organization, gen_random_uuid(), work_order_id, engineer, state, owner,
                        next_due_at, claimed, passed, refused, document, version from evaluation.claim";
    let error = sqlx::query(twice).execute(&bench.superuser).await.unwrap_err();
    assert!(violates(&error, "claim_of_work_order"), "{error}");
    let entry = "insert into evaluation.ledger_entry values
        ('lab', gen_random_uuid(), null, 'audit_late', 'zhao', 20, 'CNY', $1, 'limit:audit', '{}')";
    let subject = name("claims", 1);
    sqlx::query(entry).bind(&subject).execute(&bench.superuser).await.unwrap();
    let error = sqlx::query(entry).bind(&subject).execute(&bench.superuser).await.unwrap_err();
    assert!(violates(&error, "ledger_entry_of_limit"), "{error}");
    let reversal = "insert into evaluation.ledger_entry
        select organization, gen_random_uuid(), null, consequence, person, -amount, currency, subject, trigger, document,
               retractions, ledger_entry_id from evaluation.ledger_entry where reverses is null";
    sqlx::query(reversal).execute(&bench.superuser).await.unwrap();
    let error = sqlx::query(reversal).execute(&bench.superuser).await.unwrap_err();
    assert!(violates(&error, "ledger_entry_reversal"), "an entry is reversed once: {error}");
    let negative = "insert into evaluation.ledger_entry values
        ('lab', gen_random_uuid(), null, 'audit_late', 'zhao', -20, 'CNY', 'x', 'limit:audit', '{}')";
    let error = sqlx::query(negative).execute(&bench.superuser).await.unwrap_err();
    assert!(violates(&error, "ledger_entry_amount"), "nothing is given back but by a reversal: {error}");
    let loose = "insert into evaluation.ledger_entry values
        ('lab', gen_random_uuid(), null, 'poor_record', 'zhao', 50, 'CNY', 'x', 'finding:poor_record', '{}')";
    let error = sqlx::query(loose).execute(&bench.superuser).await.unwrap_err();
    assert!(violates(&error, "ledger_entry_trigger"), "{error}");
}

#[tokio::test]
async fn no_more_is_deducted_than_somebody_bears_and_no_more_of_a_bonus_than_may_be_taken() {
    let bench = Bench::start("2026-03-18 16:00:00").await;
    let mut connection = service_role(&bench).await;
    for statement in [
        "insert into evaluation.loss (organization, loss_id, kind, subject, judged_on, amount, document)
         values ('lab', gen_random_uuid(), 'charged', 'a case', '2026-03-01', 3000, '{}')",
        "insert into evaluation.loss_share (organization, loss_id, person, amount)
         select organization, loss_id, 'ai', amount from evaluation.loss",
        "update evaluation.loss_share set deducted = deducted + 3000",
    ] {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    for statement in [
        "update evaluation.loss_share set deducted = deducted + 0.01",
        "insert into evaluation.bonus_deduction
         values ('lab', gen_random_uuid(), 'efficiency_bonus', 'ai', '2026-03-01', 2000, 2000.01, '{}')",
        "insert into evaluation.bonus_deduction
         values ('lab', gen_random_uuid(), 'efficiency_bonus', 'ai', '2026-03-02', 2000, 2000, '{}')",
        "update evaluation.loss set approved_at = now()",
    ] {
        assert_eq!(code(&mut connection, statement).await, "23514", "{statement}");
    }
}
