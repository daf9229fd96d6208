//! What an agreement with a contractor asks for, what is paid for each of its periods, and when it ends early.

mod deductions;
mod payment;
mod terminations;

use std::collections::BTreeMap;

use callout_contract::regulation::v1::Explanation;
use jiff::{Span, Timestamp, civil::Date};
use rust_decimal::Decimal;

pub use payment::{EarlierPeriod, PeriodInput, PeriodSettlement, SettlementLine, SettlementLineKind};
pub use terminations::{ScoredPeriod, TerminationGround};

use super::{refusal, unknown};
use crate::{
    Regulation,
    calendar::{self, CalendarPeriod, Due, Holidays},
    dossier::Actor,
    expression::Inputs,
    pack::{Id, IncidentDetail, IncidentKind, Settlement},
    refusal::Refusal,
};

/// An incident that counts under an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementIncident {
    /// Names it.
    pub name: String,
    /// Its kind, of the settlement's `incidents`.
    pub kind: Id,
    /// The machine; empty for none.
    pub product: String,
    /// The cause; empty for none.
    pub cause: String,
    /// What it cost.
    pub cost: Decimal,
    /// From when it counts.
    pub counts_from: Timestamp,
}

/// What is said of an agreement when it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementTerms {
    /// How the contractor was chosen, a word of the settlement's `selections`.
    pub selection: String,
    /// How many machines it covers.
    pub machines: u32,
    /// How many persons the contractor has for them.
    pub persons: u32,
    /// Why each has more than the regulation wants; empty for no reason.
    pub workload_reason: String,
}

/// The points of a period.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodPoints {
    /// Their sum: the score.
    pub result: Decimal,
    /// How it was computed.
    pub explanation: Explanation,
}

/// A signature that may be given.
#[derive(Clone, Debug, PartialEq)]
pub struct AdmittedSignoff {
    /// Whether it is the last one: the period is settled with it.
    pub settles: bool,
    /// Why it may be given.
    pub explanation: Explanation,
}

impl Regulation {
    /// What is wrong with an agreement of a kind that this actor makes.
    ///
    /// # Errors
    /// Every refusal at once: an unknown kind, another role, a way of choosing that the rule does not know, more machines a
    /// person than the rule wants without a reason.
    pub fn admit_agreement(
        &self,
        kind: &str,
        actor: &Actor,
        terms: &AgreementTerms,
    ) -> Result<&Settlement, Vec<Refusal>> {
        let settlement = self.settlement(kind)?;
        let entry = entry(kind);
        let mut refusals: Vec<_> =
            self.refuse_role(&settlement.rule, &entry, actor, &settlement.by).into_iter().collect();
        if !settlement.selections.is_empty() && !settlement.selections.contains_key(&terms.selection) {
            let what = ("selection of the contractor", "选择方式");
            // Any of them says how a contractor is chosen; the first one's rule stands for all.
            let rule = settlement.selections.values().next().map_or("", |selection| selection.rule.as_str());
            let known = settlement.selections.keys();
            let refused = unknown(rule, &format!("{entry}.selections"), what, &terms.selection, known);
            refusals.push(Refusal { lifted_by: vec!["field:selection".to_owned()], ..refused });
        }
        refusals.extend(refuse_workload(settlement, &entry, terms));
        if refusals.is_empty() { Ok(settlement) } else { Err(refusals) }
    }

    /// Until when a period is scored.
    ///
    /// # Errors
    /// [`calendar::Error::OutOfRange`] at the very ends of the calendar.
    pub fn score_due(
        &self,
        kind: &str,
        settlement: &Settlement,
        period: CalendarPeriod,
        holidays: &Holidays,
    ) -> Result<(Due, Explanation), calendar::Error> {
        let due = settlement.score.due.due(&self.calendar(holidays), period)?;
        let inputs = Inputs::from([("settlement.period".to_owned(), period.to_string())]);
        let explanation =
            self.explain(&settlement.score.rule, format!("{}.score", entry(kind)), inputs, due.computation.clone());
        Ok((due, explanation))
    }

    /// The score of a period from the points that this actor gives for each component.
    ///
    /// # Errors
    /// Every refusal at once: an actor who may not score, each component whose points are missing, unknown or out of range,
    /// a sum above the most that may be given.
    pub fn score_period(
        &self,
        kind: &str,
        actor: &Actor,
        points: &BTreeMap<Id, Decimal>,
    ) -> Result<PeriodPoints, Vec<Refusal>> {
        let card = &self.settlement(kind)?.score;
        let entry = format!("{}.score", entry(kind));
        let mut refusals: Vec<_> = self.refuse_role(&card.rule, &entry, actor, &card.by).into_iter().collect();
        let mut refuse = |component: &str, en: String, zh: String| {
            refusals.push(refusal(&card.rule, &entry, en, zh, vec![format!("points:{component}")]));
        };
        for (id, component) in &card.components {
            let max = component.max.unwrap_or(card.max);
            match points.get(id) {
                None => refuse(id, format!("{} needs points", component.en), format!("{}须评分", component.zh)),
                Some(given) if (Decimal::ZERO..=max.0).contains(given) => {}
                Some(given) => refuse(
                    id,
                    format!("{given} for {} is outside 0 to {max}", component.en),
                    format!("{}的评分 {given} 超出 0~{max}", component.zh),
                ),
            }
        }
        let sum = points.values().sum::<Decimal>();
        if sum > card.max.0 {
            refuse("*", format!("{sum} is more than {} together", card.max), format!("总分 {sum} 超过 {}", card.max));
        }
        let strays = points.keys().filter(|id| !card.components.contains_key(*id));
        let strays =
            strays.map(|id| unknown(&card.rule, &entry, ("component", "考核项目"), id, card.components.keys()));
        let strays: Vec<_> = strays.collect();
        refusals.extend(strays);
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let terms = card.components.keys().filter_map(|id| points.get(id)).map(Decimal::to_string).collect::<Vec<_>>();
        let inputs = points.iter().map(|(id, given)| (format!("points.{id}"), given.to_string())).collect();
        let computation = format!("{} = {sum}", terms.join(" + "));
        Ok(PeriodPoints { result: sum, explanation: self.explain(&card.rule, entry, inputs, computation) })
    }

    /// Whether this actor may enter an incident of a kind of which so much is said.
    ///
    /// # Errors
    /// Every refusal at once: an unknown kind, another role, each detail that is not said.
    pub fn admit_incident(
        &self,
        settlement: &str,
        kind: &str,
        actor: &Actor,
        said: &[IncidentDetail],
    ) -> Result<&IncidentKind, Vec<Refusal>> {
        let (incident, entry) = self.incident_kind(settlement, kind)?;
        let mut refusals: Vec<_> = self.refuse_role(&incident.rule, &entry, actor, &incident.by).into_iter().collect();
        refusals.extend(incident.needs.iter().filter(|detail| !said.contains(detail)).map(|detail| {
            let word = detail.word();
            let (en, zh) = (format!("{} needs its {word}", incident.en), format!("{}须注明 {word}", incident.zh));
            refusal(&incident.rule, &entry, en, zh, vec![format!("field:{word}")])
        }));
        if refusals.is_empty() { Ok(incident) } else { Err(refusals) }
    }

    /// Whether this actor may change an incident of a kind: whoever may enter it.
    ///
    /// # Errors
    /// An unknown kind, or another role.
    pub fn admit_incident_by(&self, settlement: &str, kind: &str, actor: &Actor) -> Result<(), Vec<Refusal>> {
        let (incident, entry) = self.incident_kind(settlement, kind)?;
        self.refuse_role(&incident.rule, &entry, actor, &incident.by).map_or(Ok(()), |refusal| Err(vec![refusal]))
    }

    /// A kind of incident, and the entry that carries it.
    fn incident_kind(&self, settlement: &str, kind: &str) -> Result<(&IncidentKind, String), Vec<Refusal>> {
        let incidents = &self.settlement(settlement)?.incidents;
        let entry = format!("{}.incidents.{kind}", entry(settlement));
        match incidents.get(kind) {
            Some(incident) => Ok((incident, entry)),
            None => Err(vec![unknown("", &entry, ("incident", "事项"), kind, incidents.keys())]),
        }
    }

    /// Whether this actor may give a signature now that those of `given` are there.
    ///
    /// # Errors
    /// Every refusal at once: an unknown signature, another role, each signature that comes before and is not there.
    pub fn admit_signoff(
        &self,
        kind: &str,
        signoff: &str,
        given: &[Id],
        actor: &Actor,
    ) -> Result<AdmittedSignoff, Vec<Refusal>> {
        let signoffs = &self.settlement(kind)?.signoffs;
        let entry = format!("{}.signoffs.{signoff}", entry(kind));
        let Some((place, _, wanted)) = signoffs.get_full(signoff) else {
            return Err(vec![unknown("", &entry, ("signature", "签批环节"), signoff, signoffs.keys())]);
        };
        let mut refusals: Vec<_> = self.refuse_role(&wanted.rule, &entry, actor, &wanted.by).into_iter().collect();
        refusals.extend(signoffs.iter().take(place).filter(|(id, _)| !given.contains(id)).map(|(id, before)| {
            let en = format!("{} comes before {}", before.en, wanted.en);
            let zh = format!("{}须先于{}", before.zh, wanted.zh);
            refusal(&before.rule, &entry, en, zh, vec![format!("signoff:{id}")])
        }));
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let inputs = Inputs::from([("settlement.signed".to_owned(), given.join(", "))]);
        let computation = format!("{signoff} follows {}", given.last().map_or("the score", String::as_str));
        Ok(AdmittedSignoff {
            settles: place + 1 == signoffs.len(),
            explanation: self.explain(&wanted.rule, entry, inputs, computation),
        })
    }

    /// The entry of a kind of agreement.
    ///
    /// # Errors
    /// A refusal that names those that there are.
    pub fn settlement(&self, kind: &str) -> Result<&Settlement, Vec<Refusal>> {
        let what = ("kind of agreement", "合同类别");
        let known = self.pack.settlements.keys();
        self.pack.settlements.get(kind).ok_or_else(|| vec![unknown("", "settlements", what, kind, known)])
    }
}

impl Settlement {
    /// The periods of an agreement that begins on a day, in their order; none when the day begins no period.
    ///
    /// # Errors
    /// [`calendar::Error::OutOfRange`] at the very ends of the calendar.
    pub fn periods_from(&self, starts_on: Date) -> Result<Vec<CalendarPeriod>, calendar::Error> {
        let mut period = self.period.containing(starts_on)?;
        let months = self.term_months().unwrap_or_default();
        let end = starts_on.checked_add(Span::new().months(months)).map_err(|_| calendar::Error::OutOfRange)?;
        let mut periods = Vec::new();
        while period.first_on() >= starts_on && period.last_on() < end {
            periods.push(period);
            period = period.next()?;
        }
        Ok(periods)
    }
}

/// The entry of the pack that carries a kind of agreement.
fn entry(kind: &str) -> String {
    format!("settlements.{kind}")
}

fn refuse_workload(settlement: &Settlement, entry: &str, terms: &AgreementTerms) -> Option<Refusal> {
    let workload = settlement.workload.as_ref()?;
    let most = workload.machines_per_person;
    let (machines, persons) = (Decimal::from(terms.machines), Decimal::from(terms.persons));
    if machines <= most.0 * persons || !terms.workload_reason.trim().is_empty() {
        return None;
    }
    let each = if persons.is_zero() { machines } else { (machines / persons).round_dp(2) };
    Some(refusal(
        &workload.rule,
        &format!("{entry}.workload"),
        format!("{machines} / {persons} = {each} machines a person is more than {most}: it needs a reason"),
        format!("人均 {each} 台超过 {most} 台,须说明理由"),
        vec!["field:workload_reason".to_owned()],
    ))
}
