//! What people hold in person, and the requisitions: what the database keeps whatever the code does.

use callout_contract::inventory::v1::place;

use crate::support::*;

#[tokio::test]
async fn a_thing_has_one_holder_and_nobody_holds_two_kits_of_a_kind() {
    let suite = Suite::start().await;
    let held = |kind: &str, mark: &str, holder: &str, state: &str| {
        format!(
            "insert into inventory.custody values
                ('lab', gen_random_uuid(), '{kind}', '{mark}', '{holder}', '{state}', '{{}}', 1)"
        )
    };
    for (statement, refusal) in [
        (held("key", "K-3", "liu", "HELD"), None),
        (held("key", "K-3", "chen", "HELD"), Some("custody_one_holder")),
        (held("key", "K-4", "chen", "HELD"), None),
        (held("key", "K-3", "chen", "LOST"), None),
        (held("kit", "", "liu", "HELD"), None),
        (held("kit", "", "chen", "HELD"), None),
        (held("kit", "", "liu", "HELD"), Some("custody_one_kit")),
        (held("kit", "", "liu", "RENEWED"), None),
        (held("lamp", "", "liu", "HELD"), None),
    ] {
        assert_eq!(suite.refusal_of(&statement).await.as_deref(), refusal, "{statement}");
    }
}

#[tokio::test]
async fn no_line_of_a_requisition_issues_more_than_it_states_or_takes_back_more_than_it_issued() {
    let suite = Suite::start().await;
    let item = suite.item("DR-40", "").await;
    let place = suite.place(place::Kind::Warehouse).await;
    let id = |name: &str| name.rsplit('/').next().unwrap().to_owned();
    let head = format!(
        "insert into inventory.parts_requisition values
            ('lab', '{0}', 'D-1', 'parts', gen_random_uuid(), null, '{1}', 'DRAFT', 'clerk', now(), '{{}}', 1)",
        uuid_of(1),
        id(&place)
    );
    assert_eq!(suite.refusal_of(&head).await, None);
    let line = format!(
        "insert into inventory.parts_requisition_line values ('lab', '{}', 1, '{}', 4, 0, 0, 0)",
        uuid_of(1),
        id(&item)
    );
    assert_eq!(suite.refusal_of(&line).await, None);
    for (set, refusal) in [
        ("issued = 5", Some("requisition_line_quantities")),
        ("owed = 1", Some("requisition_line_quantities")),
        ("issued = 4, owed = 4", None),
        ("returned = 5", Some("requisition_line_quantities")),
        ("returned = -1", Some("requisition_line_quantities")),
        ("returned = 4", None),
    ] {
        let statement = format!("update inventory.parts_requisition_line set {set}");
        assert_eq!(suite.refusal_of(&statement).await.as_deref(), refusal, "{statement}");
    }
    for statement in [
        "update inventory.parts_requisition set owner = null",
        "update inventory.parts_requisition set state = 'SETTLED'",
        "update inventory.parts_requisition set next_due_at = null",
    ] {
        assert_eq!(suite.refusal_of(statement).await.as_deref(), Some("parts_requisition_is_kept"), "{statement}");
    }
}

fn uuid_of(number: u32) -> String {
    format!("00000000-0000-7000-8000-{number:012}")
}
