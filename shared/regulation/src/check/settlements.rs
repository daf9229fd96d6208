//! Agreements with a contractor, their scores, deductions and ends.

use super::Checker;
use crate::{
    calendar::Period,
    pack::{Counted, Deduction, DeductionStep, IncidentDetail, IncidentKind, PaymentTiers, Settlement, Termination},
    source::{element, member},
    vocabulary::Trigger,
};

impl<'a> Checker<'a> {
    pub(super) fn settlements(&mut self) {
        for (id, settlement) in &self.pack.settlements {
            self.settlement(&member("settlements", id), settlement);
        }
    }

    fn settlement(&mut self, path: &str, settlement: &'a Settlement) {
        self.cites(path, &settlement.rule, &settlement.also);
        self.roles(&member(path, "by"), &settlement.by);
        self.periods(path, settlement);
        for (id, selection) in &settlement.selections {
            self.cites(&member(&member(path, "selections"), id), &selection.rule, &[]);
        }
        if let Some(workload) = &settlement.workload {
            let path = member(path, "workload");
            self.cites(&path, &workload.rule, &[]);
            self.above_zero(&member(&path, "machines_per_person"), workload.machines_per_person);
        }
        let score = member(path, "score");
        self.cites(&score, &settlement.score.rule, &settlement.score.also);
        self.roles(&member(&score, "by"), &settlement.score.by);
        self.above_zero(&member(&score, "max"), settlement.score.max);
        if settlement.score.components.is_empty() {
            self.report(&member(&score, "components"), "name at least one".to_owned());
        }
        self.payment_tiers(&member(path, "tiers"), &settlement.tiers);
        for (id, kind) in &settlement.incidents {
            self.incident_kind(&member(&member(path, "incidents"), id), kind);
        }
        for (id, deduction) in &settlement.deductions {
            self.deduction(&member(&member(path, "deductions"), id), deduction, settlement);
        }
        for (id, termination) in &settlement.terminations {
            self.termination(&member(&member(path, "terminations"), id), termination, settlement);
        }
        for (id, signoff) in &settlement.signoffs {
            let path = member(&member(path, "signoffs"), id);
            self.cites(&path, &signoff.rule, &[]);
            self.roles(&member(&path, "by"), &signoff.by);
        }
        if settlement.signoffs.is_empty() {
            self.report(&member(path, "signoffs"), "name at least who settles".to_owned());
        }
    }

    fn periods(&mut self, path: &str, settlement: &Settlement) {
        let months = settlement.period.months();
        if settlement.period == Period::Week {
            self.report(&member(path, "period"), "a week has no share of a yearly fee; take months".to_owned());
        }
        match settlement.term_months() {
            Some(term) if months > 0 && term % u32::from(months.unsigned_abs()) == 0 && term > 0 => {}
            Some(_) | None => {
                self.report(&member(path, "term"), "must be whole periods, in months or years".to_owned());
            }
        }
    }

    fn payment_tiers(&mut self, path: &str, tiers: &'a PaymentTiers) {
        self.cites(path, &tiers.rule, &[]);
        let path = member(path, "steps");
        for (index, pair) in tiers.steps.windows(2).enumerate() {
            if pair[0].min <= pair[1].min {
                self.report(&element(&path, index + 1), "begin with the highest score and go down".to_owned());
            }
        }
        if tiers.steps.last().is_none_or(|last| !last.min.0.is_zero()) {
            self.report(&path, "the last one must be for 0 points and more".to_owned());
        }
        for (index, tier) in tiers.steps.iter().enumerate() {
            if tier.pay.0.is_sign_negative() {
                self.report(&element(&path, index), "nobody is paid less than nothing".to_owned());
            }
        }
    }

    fn incident_kind(&mut self, path: &str, kind: &'a IncidentKind) {
        self.cites(path, &kind.rule, &kind.also);
        self.roles(&member(path, "by"), &kind.by);
        for (index, trigger) in kind.on.iter().enumerate() {
            let path = element(&member(path, "on"), index);
            match trigger {
                Trigger::Limit(id) => self.one_of(&path, "limit", id, self.pack.limits.keys()),
                Trigger::Finding(_) => self.report(&path, "an incident follows from limits alone".to_owned()),
            }
        }
        let needs_person =
            kind.rectifiable || kind.needs.iter().any(|it| [IncidentDetail::Cause, IncidentDetail::Cost].contains(it));
        if !kind.on.is_empty() && needs_person {
            self.report(path, "a breach of a limit says no cause, no cost and nothing to rectify".to_owned());
        }
    }

    fn deduction(&mut self, path: &str, deduction: &'a Deduction, settlement: &Settlement) {
        self.cites(path, &deduction.rule, &deduction.also);
        self.each_of(&member(path, "on"), "incident", &deduction.on, &settlement.incidents);
        let kinds = || deduction.on.iter().filter_map(|id| settlement.incidents.get(id));
        let lacks = |detail| kinds().any(|kind| !kind.needs.contains(&detail));
        if deduction.counted == Counted::Series && (lacks(IncidentDetail::Product) || lacks(IncidentDetail::Cause)) {
            self.report(&member(path, "counted"), "a series goes by incidents that need product and cause".to_owned());
        }
        if deduction.passes_on.is_some() && lacks(IncidentDetail::Cost) {
            self.report(&member(path, "passes_on"), "is of incidents that need their cost".to_owned());
        }
        self.deduction_steps(&member(path, "steps"), deduction);
    }

    fn deduction_steps(&mut self, path: &str, deduction: &Deduction) {
        if deduction.steps.is_empty() {
            self.report(path, "name at least one".to_owned());
        }
        for (index, DeductionStep { share, sum, .. }) in deduction.steps.iter().enumerate() {
            match (share, sum) {
                (Some(number), None) | (None, Some(number)) => self.above_zero(&element(path, index), *number),
                (None, None) | (Some(_), Some(_)) => {
                    self.report(&element(path, index), "give either `share` or `sum`".to_owned());
                }
            }
        }
        if deduction.steps.windows(2).any(|pair| pair[0].min >= pair[1].min) {
            self.report(path, "begin with the lowest count and go up".to_owned());
        }
        let counts_to_one = deduction.steps.iter().all(|step| step.min == 1);
        if deduction.counted == Counted::Each && !counts_to_one {
            self.report(path, "what is counted each by itself never reaches a higher count".to_owned());
        }
        if deduction.steps.iter().any(|step| step.min == 0) {
            self.report(path, "counts begin with 1".to_owned());
        }
    }

    fn termination(&mut self, path: &str, termination: &'a Termination, settlement: &Settlement) {
        self.cites(path, &termination.rule, &[]);
        match (&termination.scores, &termination.incidents) {
            (Some(scores), None) => match (scores.consecutive, scores.total) {
                (Some(1..), None) | (None, Some(1..)) => {}
                _ => self.report(&member(path, "scores"), "give either `consecutive` or `total`, 1 or more".to_owned()),
            },
            (None, Some(incidents)) => {
                let path = member(path, "incidents");
                self.each_of(&member(&path, "of"), "incident", &incidents.of, &settlement.incidents);
                if incidents.min == 0 {
                    self.report(&member(&path, "min"), "counts begin with 1".to_owned());
                }
            }
            (None, None) | (Some(_), Some(_)) => {
                self.report(path, "ends an agreement by `scores` or by `incidents`; give one".to_owned());
            }
        }
    }

    fn above_zero(&mut self, path: &str, number: crate::pack::Number) {
        if number.0 <= rust_decimal::Decimal::ZERO {
            self.report(path, "must be more than 0".to_owned());
        }
    }
}
