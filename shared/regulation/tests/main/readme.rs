//! The pack of the page on how to write one, and the answers that the page promises.

use callout_contract::regulation::v1::{Limit, limit, verdict::Outcome};
use callout_regulation::{
    Actor, Dossier, Facts, RecordEntry, Regulation, Source, load,
    vocabulary::{Event, Subject, Transition, Trigger, words},
};

use crate::fixtures::{at, date, due, no_holidays, record};

fn workshop() -> Regulation {
    let page = include_str!("../../README.md");
    let text = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a pack on the page");
    load(Source { file: "README.md", text }, &[]).unwrap()
}

/// A frame bought a year before, brought in late on a Friday.
fn frame() -> Dossier {
    let mut dossier = Dossier::default();
    dossier.facts.set(words::CASE_KIND, "repair");
    dossier.facts.set(words::CASE_WORK, "repair");
    dossier.milestones.push((Event::Received, at("2026-03-06T16:30")));
    dossier.product_days.insert(Event::Purchased, date("2025-03-10"));
    dossier
}

fn cracked() -> RecordEntry {
    let fields = [("frame_cracked".to_owned(), "yes".to_owned())].into();
    RecordEntry { role: "mechanic".to_owned(), fields, ..record("inspected", "2026-03-06T17:00") }
}

#[test]
fn the_maker_pays_for_a_cracked_frame_and_for_nothing_else() {
    let workshop = workshop();
    let mut dossier = frame();
    assert_eq!(workshop.verdict(&dossier).outcome(), Outcome::Held, "nobody has looked at it");

    dossier.records.push(cracked());
    let verdict = workshop.verdict(&dossier);
    assert_eq!((verdict.outcome(), verdict.payer.as_str()), (Outcome::Free, "maker"));
    assert_eq!(verdict.explanation.unwrap().rule, "B-01");

    dossier.facts.set(words::CASE_CAUSE, "misuse");
    let verdict = workshop.verdict(&dossier);
    assert_eq!((verdict.outcome(), verdict.explanation.unwrap().rule.as_str()), (Outcome::Refused, "B-02"));
}

#[test]
fn nothing_is_solved_before_it_was_inspected() {
    let (workshop, mechanic) = (workshop(), Actor::of(["mechanic"]));
    let mut dossier = frame();
    let refusals = workshop.gate(Transition::Solve, &dossier, &mechanic, at("2026-03-06T17:30")).unwrap_err();
    assert_eq!(refusals.iter().map(|refusal| refusal.rule.as_str()).collect::<Vec<_>>(), ["B-03"]);
    dossier.records.push(cracked());
    workshop.gate(Transition::Solve, &dossier, &mechanic, at("2026-03-06T17:30")).unwrap();
}

#[test]
fn the_customer_hears_within_four_working_hours_or_it_costs_twenty() {
    let workshop = workshop();
    let mut dossier = frame();
    let answer = |dossier: &Dossier| -> Limit {
        let limits = workshop.limits(Subject::Case, dossier, &no_holidays(), at("2026-03-09T12:00"));
        limits.known.into_iter().find(|limit| limit.limit == "answer").unwrap()
    };
    assert_eq!(due(&answer(&dossier)), "2026-03-09T11:30:00");

    dossier.milestones.push((Event::Contacted, at("2026-03-09T11:31")));
    let late = answer(&dossier);
    assert_eq!(late.state(), limit::State::MetLate);
    let mut facts = Facts::default();
    facts.set_lateness(&late);
    let trigger = Trigger::Limit("answer".to_owned());
    let sanctions = workshop.consequences(&trigger, &facts, None, &Actor::default()).unwrap();
    let owed: Vec<_> = sanctions.iter().map(|it| (it.amount.to_string(), it.explanation.rule.as_str())).collect();
    assert_eq!(owed, [("20".to_owned(), "B-05")]);
}
