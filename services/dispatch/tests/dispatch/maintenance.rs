//! Products in care: what the database keeps whatever the code does.

use callout_journal::violates;

use crate::support::Suite;

#[tokio::test]
async fn a_product_is_in_care_once_under_a_routine_and_somebody_owes_the_next_time() {
    let suite = Suite::start().await;
    let plan = |product: u32, routine: &str, ends_on: &str, owner: &str| {
        let ends_on = if ends_on.is_empty() { "null".to_owned() } else { format!("'{ends_on}'") };
        let (owner, due) = if owner.is_empty() { ("null".to_owned(), "null") } else { (format!("'{owner}'"), "now()") };
        format!(
            "insert into dispatch.maintenance_plan values
                ('lab', gen_random_uuid(), '00000000-0000-7000-8000-{product:012}', '{routine}', '2013-02-14', {ends_on},
                 {owner}, {due}, '{{}}', 1)"
        )
    };
    for (statement, refusal) in [
        (plan(1, "care", "", "technician"), None),
        (plan(1, "care", "", "technician"), Some("plan_active")),
        (plan(1, "inspection", "", "technician"), None),
        (plan(2, "care", "", "technician"), None),
        (plan(1, "care", "2013-05-01", ""), None),
        (plan(3, "care", "2013-02-13", ""), Some("plan_days")),
        (plan(3, "care", "", ""), Some("plan_is_kept")),
        (plan(3, "care", "2013-05-01", "technician"), Some("plan_is_kept")),
    ] {
        let done = sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&suite.superuser).await;
        match (done, refusal) {
            (Ok(_), None) => {}
            (Err(error), Some(constraint)) => assert!(violates(&error, constraint), "{statement}: {error}"),
            (done, _) => panic!("{statement}: {done:?}"),
        }
    }
}
