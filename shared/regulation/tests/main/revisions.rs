//! Packs by revision, and what changes between them.

use callout_regulation::{BUILT_IN, Library, Source, diff, load};

use crate::fixtures::{at, main_regulation};

fn main_text() -> String {
    BUILT_IN[0].text.to_owned()
}

fn later_revision() -> String {
    main_text()
        .replace("revision: 1\n", "revision: 2\n")
        .replace("effective_from: 2026-01-01", "effective_from: 2026-07-01")
        .replace("\"order.distance_km <= 300\", amount: 24h", "\"order.distance_km <= 300\", amount: 12h")
}

#[test]
fn the_revision_in_force_is_the_last_that_has_begun() {
    let later = later_revision();
    let library = Library::load(&[BUILT_IN[0], Source { file: "later.yaml", text: &later }]).unwrap();
    let in_force = |when: &str| library.in_force("R01-aerial-platforms", at(when)).map(|it| it.revision().to_owned());
    assert_eq!(in_force("2025-12-31T23:59:59"), None);
    assert_eq!(in_force("2026-06-30T23:59:59").as_deref(), Some("R01-aerial-platforms@1"));
    assert_eq!(in_force("2026-07-01T00:00:00").as_deref(), Some("R01-aerial-platforms@2"));
    assert_eq!(library.revision("R01-aerial-platforms", 2).unwrap().revision(), "R01-aerial-platforms@2");
    assert!(library.named("R01-aerial-platforms@3").is_none());
}

#[test]
fn a_revision_is_never_changed() {
    let same = main_text();
    let problems = Library::load(&[BUILT_IN[0], Source { file: "same.yaml", text: &same }]).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "same.yaml:1:1 revision: the library has R01-aerial-platforms@1 already; a change is a new revision"
    );
    let early = main_text().replace("revision: 1\n", "revision: 2\n");
    assert!(Library::load(&[BUILT_IN[0], Source { file: "early.yaml", text: &early }]).is_err());
}

#[test]
fn a_change_is_said_in_words() {
    let later = load(Source { file: "later.yaml", text: &later_revision() }, &[]).unwrap();
    assert_eq!(
        diff(&main_regulation(), &later),
        [
            "revision: 1 becomes 2",
            "effective_from: 2026-01-01 becomes 2026-07-01",
            "limits.arrival.tiers: 24h becomes 12h where order.distance_km <= 300",
        ]
    );
}

#[test]
fn what_is_new_gone_or_moved_is_said_in_words() {
    let changed = main_text()
        .replace("  failure_cost: {rule: R01-62, of: evaluation, per: organization, period: month, due: following_month_end, by: [service_administrator],", "  failure_cost: {rule: R01-62, of: evaluation, per: organization, period: quarter, due: following_month_end, by: [finance],")
        .replace("competitor: {en: competitor, zh: 其他竞争厂家}\n", "competitor: {en: competitor, zh: 其他竞争厂家}\n  insurer: {en: insurer, zh: 保险公司}\n")
        .replace("- {amount: 72h}", "- {amount: 96h}");
    let changed = load(Source { file: "changed.yaml", text: &changed }, &[]).unwrap();
    assert_eq!(
        diff(&main_regulation(), &changed),
        [
            "parties.insurer: new: {\"en\":\"insurer\",\"zh\":\"保险公司\"}",
            "limits.arrival.tiers: 72h becomes 96h in all other cases",
            "routines.failure_cost.period: month becomes quarter",
            "routines.failure_cost.by: now without service_administrator, with finance",
        ]
    );
    assert!(diff(&main_regulation(), &main_regulation()).is_empty());
}

#[test]
fn an_empty_extension_changes_nothing_but_its_name() {
    let text = "pack: R01-copy\nextends: R01-aerial-platforms\n";
    let copy = load(Source { file: "copy.yaml", text }, BUILT_IN).unwrap();
    assert_eq!(
        diff(&main_regulation(), &copy),
        ["pack: R01-aerial-platforms becomes R01-copy", "extends: new: R01-aerial-platforms"]
    );
}

#[test]
fn a_pack_written_back_reads_as_the_same_pack() {
    let written = serde_json::to_string(main_regulation().pack()).unwrap();
    let read = load(Source { file: "written.json", text: &written }, &[]).unwrap();
    assert_eq!(diff(&main_regulation(), &read), Vec::<String>::new());
}
