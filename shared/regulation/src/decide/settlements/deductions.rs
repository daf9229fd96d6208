//! What is deducted for the incidents of a period.

use rust_decimal::Decimal;

use super::AgreementIncident;
use crate::{
    Regulation,
    calendar::CalendarPeriod,
    pack::{Counted, Deduction, DeductionStep},
};

/// Incidents that are counted together, and up to which count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group<'a> {
    /// How many they are.
    pub count: u32,
    /// They, in the order of time.
    pub incidents: Vec<&'a AgreementIncident>,
}

impl<'a> Group<'a> {
    fn of(incidents: Vec<&'a AgreementIncident>) -> Self {
        Self { count: u32::try_from(incidents.len()).unwrap_or(u32::MAX), incidents }
    }
}

impl Deduction {
    /// The highest step that a count reaches.
    pub(super) fn step(&self, count: u32) -> Option<DeductionStep> {
        self.steps.iter().rev().find(|step| step.min <= count).copied()
    }

    /// What is counted together in a period, out of all incidents of the agreement.
    pub(super) fn groups<'a>(
        &self,
        regulation: &Regulation,
        period: CalendarPeriod,
        incidents: &'a [AgreementIncident],
    ) -> Vec<Group<'a>> {
        let own = |incident: &&AgreementIncident| self.on.contains(&incident.kind);
        let falls_in = |incident: &&AgreementIncident| regulation.falls_in(incident, period);
        let mut chosen: Vec<&AgreementIncident> = incidents.iter().filter(own).collect();
        // Those of one instant keep the order in which they were entered: their names sort by it.
        chosen.sort_by_key(|incident| (incident.counts_from, incident.name.as_str()));
        match self.counted {
            Counted::Period => {
                let of_period: Vec<_> = chosen.into_iter().filter(falls_in).collect();
                if of_period.is_empty() { Vec::new() } else { vec![Group::of(of_period)] }
            }
            Counted::Each => chosen.into_iter().filter(falls_in).map(|incident| Group::of(vec![incident])).collect(),
            Counted::Series => {
                chosen.retain(|incident| regulation.day(incident) <= period.last_on());
                series(&chosen)
                    .into_iter()
                    .filter(|run| run.iter().any(falls_in_ref(regulation, period)))
                    .map(Group::of)
                    .collect()
            }
        }
    }

    /// The sum of a share, or the sum itself.
    pub(super) fn amount(step: DeductionStep, base: Decimal) -> (Decimal, String) {
        match (step.share, step.sum) {
            (Some(share), _) => (base * share.0, format!("{base} x {share}")),
            (None, sum) => {
                let sum = sum.map_or(Decimal::ZERO, |sum| sum.0);
                (sum, sum.to_string())
            }
        }
    }
}

fn falls_in_ref(regulation: &Regulation, period: CalendarPeriod) -> impl Fn(&&AgreementIncident) -> bool {
    move |incident| regulation.falls_in(incident, period)
}

/// The runs of the same cause at each machine.
fn series<'a>(incidents: &[&'a AgreementIncident]) -> Vec<Vec<&'a AgreementIncident>> {
    let mut runs: Vec<Vec<&AgreementIncident>> = Vec::new();
    for incident in incidents {
        let of_machine = |run: &&mut Vec<&AgreementIncident>| run[0].product == incident.product;
        // The last run of the machine goes on, or another cause has broken it.
        match runs.iter_mut().rev().find(of_machine) {
            Some(run) if run[0].cause == incident.cause => run.push(incident),
            Some(_) | None => runs.push(vec![incident]),
        }
    }
    runs
}
