//! Cards on which customers rate calls: who sends them, what may be ticked, and by when the register of a day is sent.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::Explanation;
use jiff::{Timestamp, civil::Date};

use super::{refusal, unknown};
use crate::{
    Regulation,
    calendar::Holidays,
    dossier::Actor,
    expression::Inputs,
    pack::Survey,
    refusal::{Refusal, Undecided},
};

/// What a card says when it came back: the degree ticked, by criterion.
pub type CardFaces = BTreeMap<String, u32>;

/// By when the register of the calls of a day is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterDue {
    /// By when.
    pub due_at: Timestamp,
    /// Why then.
    pub explanation: Explanation,
}

impl Regulation {
    /// The survey of this id.
    ///
    /// # Errors
    /// The refusal, by no rule, of one that the pack does not have.
    pub fn survey(&self, id: &str) -> Result<&Survey, Vec<Refusal>> {
        let known = self.pack.surveys.keys();
        self.pack.surveys.get(id).ok_or_else(|| vec![unknown("", &entry(id), ("survey", "调查"), id, known)])
    }

    /// Whether this actor may send the cards of a survey and enter what comes back.
    ///
    /// # Errors
    /// An unknown survey, or another role.
    pub fn send_card(&self, id: &str, actor: &Actor) -> Result<&Survey, Vec<Refusal>> {
        let survey = self.survey(id)?;
        let refused = self.refuse_role(&survey.rule, &entry(id), actor, &survey.sent_by);
        refused.map_or(Ok(survey), |refused| Err(vec![refused]))
    }

    /// Whether a card may say this. What is not ticked counts for nothing.
    ///
    /// # Errors
    /// Every refusal at once: each criterion that the survey does not have, each degree that is none.
    pub fn read_card(&self, id: &str, faces: &CardFaces) -> Result<(), Vec<Refusal>> {
        let survey = self.survey(id)?;
        let mut refusals = Vec::new();
        for (criterion, degree) in faces {
            match survey.criteria.get(criterion) {
                None => {
                    let known = survey.criteria.keys();
                    refusals.push(unknown(&survey.rule, &entry(id), ("criterion", "评价项目"), criterion, known));
                }
                Some(asked) if !(1..=survey.degrees).contains(degree) => refusals.push(refusal(
                    &asked.rule,
                    &entry(id),
                    format!("{} is rated in degrees 1 to {}, not {degree}", asked.en, survey.degrees),
                    format!("“{}”分 1 至 {} 个程度，没有 {degree}", asked.zh, survey.degrees),
                    vec![format!("criterion:{criterion}")],
                )),
                Some(_) => {}
            }
        }
        if refusals.is_empty() { Ok(()) } else { Err(refusals) }
    }

    /// Whether this actor may send the register of the calls of a day.
    ///
    /// # Errors
    /// An unknown survey, one without a register, or another role.
    pub fn send_register(&self, id: &str, actor: &Actor) -> Result<(), Vec<Refusal>> {
        let survey = self.survey(id)?;
        let Some(register) = &survey.register else {
            let (en, zh) = (format!("{} has no register", survey.en), format!("“{}”无登记簿", survey.zh));
            return Err(vec![refusal(&survey.rule, &entry(id), en, zh, Vec::new())]);
        };
        let refused = self.refuse_role(&register.rule, &entry(id), actor, &register.by);
        refused.map_or(Ok(()), |refused| Err(vec![refused]))
    }

    /// By when the register of the calls of a day is to be sent; none where the survey has none.
    ///
    /// # Errors
    /// [`Undecided`] when the calendar does not reach that far.
    pub fn register_due(&self, id: &str, day: Date, holidays: &Holidays) -> Result<Option<RegisterDue>, Undecided> {
        let Some(register) = self.pack.surveys.get(id).and_then(|survey| survey.register.as_ref()) else {
            return Ok(None);
        };
        let calendar = self.calendar(holidays);
        let due = calendar.ends_at(day).and_then(|end| calendar.due(end, register.amount));
        let due = due.map_err(|error| Undecided::Uncounted { cause: error.to_string() })?;
        let explanation = self.explain(&register.rule, entry(id), Inputs::new(), due.computation);
        Ok(Some(RegisterDue { due_at: due.due_at, explanation }))
    }
}

fn entry(id: &str) -> String {
    format!("surveys.{id}")
}
