//! `callout migrate`.

use crate::complaint;

#[test]
fn a_migration_that_would_take_the_services_password_from_them_is_refused_in_one_line() {
    assert!(complaint(["migrate"]).contains("set database.password (CALLOUT__DATABASE__PASSWORD)"));
}
