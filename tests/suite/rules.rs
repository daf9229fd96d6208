//! Which rule of which regulation is shown by which scenario. To write the page anew, run the test with `CALLOUT_BLESS=1`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use callout_regulation::{Library, Regulation, pack::Kept};

use crate::scenarios;

const HEAD: &str = "\
# What is shown of each rule

Generated from the packs and from the `rules` of the scenarios. A rule that the suite enforces, computes or schedules is `not yet`
shown until a scenario names it; one that people keep is put on record and needs none. The entries that keep a rule are beside
the packs, in [shared/regulation/packs](../../shared/regulation/packs).
";

/// The scenarios that name each rule.
type Shown = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_rule_that_the_suite_keeps_is_shown_by_a_scenario_and_the_page_says_by_which() {
    let mut shown = Shown::new();
    for scenario in scenarios::all() {
        for rule in &scenario.rules {
            shown.entry(rule.clone()).or_default().insert(scenario.id.clone());
        }
    }
    let library = Library::built_in().expect("packs without a mistake");
    let regulations: Vec<&Regulation> = library.iter().map(AsRef::as_ref).collect();
    let page = page(&regulations, &shown);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/COVERAGE.md");
    if std::env::var_os("CALLOUT_BLESS").is_some() {
        fs::write(&file, &page).expect("the page can be written");
    }
    assert!(
        fs::read_to_string(&file).is_ok_and(|old| old == page),
        "COVERAGE.md is stale: CALLOUT_BLESS=1 writes it anew"
    );

    let known: BTreeSet<_> = regulations.iter().flat_map(|regulation| regulation.pack().rules.keys()).collect();
    let unknown: Vec<_> = shown.iter().filter(|(rule, _)| !known.contains(rule)).collect();
    assert!(unknown.is_empty(), "no pack has the rules that these scenarios name: {unknown:?}");
    let missing: Vec<_> = regulations.iter().flat_map(|regulation| not_yet(regulation, &shown)).collect();
    assert!(missing.is_empty(), "no scenario names {missing:?}");
}

/// The rules that the suite keeps and no scenario names.
fn not_yet<'r>(regulation: &'r Regulation, shown: &Shown) -> Vec<&'r str> {
    let rules = regulation.pack().rules.iter();
    let open = rules.filter(|(id, rule)| rule.kept != Kept::Recorded && !shown.contains_key(*id));
    open.map(|(id, _)| id.as_str()).collect()
}

fn page(regulations: &[&Regulation], shown: &Shown) -> String {
    let mut page = HEAD.to_owned();
    page += "\n| pack | rules | enforced | computed | scheduled | recorded | not yet |\n";
    page += "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
    for regulation in regulations {
        let pack = regulation.pack();
        let not_yet = not_yet(regulation, shown);
        let kept = |kept: Kept| {
            pack.rules.iter().filter(|(id, rule)| rule.kept == kept && !not_yet.contains(&id.as_str())).count()
        };
        let counts = [Kept::Enforced, Kept::Computed, Kept::Scheduled, Kept::Recorded].map(kept);
        let [enforced, computed, scheduled, recorded] = counts;
        let (id, rules, not_yet) = (&pack.pack, pack.rules.len(), not_yet.len());
        let _ = writeln!(
            page,
            "| [{id}](#{}) | {rules} | {enforced} | {computed} | {scheduled} | {recorded} | {not_yet} |",
            id.to_lowercase()
        );
    }
    for regulation in regulations {
        let pack = regulation.pack();
        let _ = write!(
            page,
            "\n## {}\n\n| rule | kept | what it says | shown by |\n| --- | --- | --- | --- |\n",
            pack.pack
        );
        let not_yet = not_yet(regulation, shown);
        for (id, rule) in &pack.rules {
            let kept = if not_yet.contains(&id.as_str()) { "not yet" } else { rule.kept.word() };
            let by: Vec<_> = shown.get(id).into_iter().flatten().map(String::as_str).collect();
            let _ = writeln!(page, "| {id} | {kept} | {} | {} |", rule.text.en, by.join(", "));
        }
    }
    page
}
