//! Whether goods that came back are booked.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::Explanation;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{records::check_form, refusal, unknown};
use crate::{
    Regulation,
    dossier::{Actor, SettingValue},
    expression::Inputs,
    pack::{Return, ReturnEvidence, Signature},
    refusal::{Refusal, Undecided},
};

/// A paper that was presented as proof.
#[derive(Clone, Copy, Debug)]
pub struct PresentedPaper<'a> {
    /// Which it is, of the pack; empty for none.
    pub paper: &'a str,
    /// What it shows, of the pack.
    pub shows: &'a [String],
}

/// What is to be booked.
#[derive(Clone, Copy, Debug)]
pub struct ReturnInput<'a> {
    /// The quantity that was approved.
    pub approved: Decimal,
    /// What was booked of it before.
    pub booked_before: Decimal,
    /// What was actually received.
    pub actual: Decimal,
    /// The permitted overrun of the customer in per cent; none where he has none of his own.
    pub overrun: Option<Decimal>,
    /// What the organisation has set.
    pub settings: &'a [SettingValue],
    /// The day.
    pub on: Date,
    /// The proof.
    pub evidence: PresentedPaper<'a>,
}

/// What becomes of a return.
#[derive(Clone, Debug, PartialEq)]
pub struct BookedReturn {
    /// Whether it is booked; else it goes back to be approved.
    pub is_booked: bool,
    /// Up to which quantity it is.
    pub limit: Decimal,
    /// Why.
    pub explanation: Explanation,
}

impl Regulation {
    /// Whether this actor may fill in a note of this kind with these fields.
    ///
    /// # Errors
    /// Every refusal at once: an unknown kind, another role, each field that is missing, unknown or not of its kind.
    pub fn fill_return(
        &self,
        kind: &str,
        actor: &Actor,
        fields: &BTreeMap<String, String>,
    ) -> Result<&Return, Vec<Refusal>> {
        let (entry, terms) = self.returned(kind)?;
        let mut refusals: Vec<_> = self.refuse_role(&terms.rule, &entry, actor, &terms.filled_by).into_iter().collect();
        let form = self.pack.forms.get(&terms.form);
        refusals.extend(form.map(|form| check_form(form, &entry, fields)).unwrap_or_default());
        if refusals.is_empty() { Ok(terms) } else { Err(refusals) }
    }

    /// The quantity that the records of a case approve, each by its kind and fields, the latest last.
    ///
    /// # Errors
    /// The refusal while none does.
    pub fn approved_quantity<'r>(
        &self,
        kind: &str,
        records: impl IntoIterator<Item = (&'r str, Option<&'r str>)>,
    ) -> Result<Decimal, Vec<Refusal>> {
        let (entry, terms) = self.returned(kind)?;
        let approved = &terms.booking.approved;
        let latest = records.into_iter().filter(|(of, _)| *of == approved.record).last();
        let quantity = latest.and_then(|(_, quantity)| quantity?.parse().ok());
        quantity.ok_or_else(|| {
            let (en, zh) = self.record_name(&approved.record);
            let (en, zh) = (format!("the {en} approves no quantity"), format!("“{zh}”未核定退货数量"));
            vec![refusal(&terms.booking.rule, &entry, en, zh, vec![format!("record:{}", approved.record)])]
        })
    }

    /// The field of a case's record that [`Regulation::approved_quantity`] reads.
    ///
    /// # Errors
    /// The refusal of an unknown kind.
    pub fn field_of_approved_quantity(&self, kind: &str) -> Result<&str, Vec<Refusal>> {
        self.returned(kind).map(|(_, terms)| terms.booking.approved.field.as_str())
    }

    /// Whether this actor may approve a note.
    ///
    /// # Errors
    /// The refusal of another role.
    pub fn approve_return(&self, kind: &str, actor: &Actor) -> Result<(), Vec<Refusal>> {
        let (entry, terms) = self.returned(kind)?;
        self.signs(&terms.approval, &entry, actor)
    }

    /// Whether this actor may take the goods in: what is actually there, after asking where the note says another quantity.
    ///
    /// # Errors
    /// Every refusal at once: another role, and a quantity that differs without anybody having been asked.
    pub fn receive_return(
        &self,
        kind: &str,
        actor: &Actor,
        (noted, actual): (Decimal, Decimal),
        asked: bool,
    ) -> Result<(), Vec<Refusal>> {
        let (entry, terms) = self.returned(kind)?;
        let mut refusals = self.signs(&terms.receipt, &entry, actor).err().unwrap_or_default();
        if noted != actual && !asked {
            refusals.push(refusal(
                &terms.receipt.rule,
                &entry,
                format!("{actual} came and the note says {noted}: ask first, then sign what is there"),
                format!("实收 {actual},退货单为 {noted}:须先询问,再按实收签认"),
                vec!["asked".to_owned()],
            ));
        }
        if refusals.is_empty() { Ok(()) } else { Err(refusals) }
    }

    /// What becomes of a return that is to be booked. One that is larger than what was approved and the permitted overrun is
    /// referred back, whatever proves it.
    ///
    /// # Errors
    /// Every refusal at once: another role, an overrun that the organisation has not set, a proof that is none or lacks
    /// something.
    pub fn book_return(
        &self,
        kind: &str,
        actor: &Actor,
        input: &ReturnInput<'_>,
    ) -> Result<BookedReturn, Vec<Refusal>> {
        let (entry, terms) = self.returned(kind)?;
        let booking = &terms.booking;
        let mut refusals: Vec<_> = self.refuse_role(&booking.rule, &entry, actor, &booking.by).into_iter().collect();
        let (whose, overrun) = match (input.overrun, &booking.overrun) {
            (Some(percent), _) => ("the customer's".to_owned(), percent),
            (None, None) => ("no".to_owned(), Decimal::ZERO),
            (None, Some(setting)) => {
                let set = input.settings.iter().find(|set| set.setting == *setting && set.is_valid_on(input.on));
                let Some(set) = set else {
                    let unknown = Undecided::Missing { fact: format!("setting.{setting}") };
                    refusals.push(unknown.refusal(&booking.rule, &entry));
                    return Err(refusals);
                };
                (format!("setting.{setting}"), set.value)
            }
        };
        let limit = input.approved * (Decimal::ONE_HUNDRED + overrun) / Decimal::ONE_HUNDRED;
        let is_booked = input.booked_before + input.actual <= limit;
        if is_booked && let Some(evidence) = &terms.evidence {
            refusals.extend(unproved(evidence, &entry, input.evidence));
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let [approved, overrun, limit_shown, actual] =
            [input.approved, overrun, limit, input.actual].map(|it| it.normalize());
        let before = match input.booked_before {
            before if before.is_zero() => String::new(),
            before => format!("{} and ", before.normalize()),
        };
        let sign = if is_booked { "<=" } else { ">" };
        let computation =
            format!("{before}{actual} {sign} {approved} x (100 + {overrun})% = {limit_shown}, by {whose} overrun");
        let explanation = self.explain(&booking.rule, entry, Inputs::new(), computation);
        Ok(BookedReturn { is_booked, limit, explanation })
    }

    fn signs(&self, signature: &Signature, entry: &str, actor: &Actor) -> Result<(), Vec<Refusal>> {
        let refused = self.refuse_role(&signature.rule, entry, actor, &signature.by);
        refused.map_or(Ok(()), |refused| Err(vec![refused]))
    }

    fn returned(&self, kind: &str) -> Result<(String, &Return), Vec<Refusal>> {
        let (entry, known) = (format!("returns.{kind}"), self.pack.returns.keys());
        match self.pack.returns.get(kind) {
            Some(terms) => Ok((entry, terms)),
            None => Err(vec![unknown("", &entry, ("return", "退货单"), kind, known)]),
        }
    }
}

/// What is wrong with a proof.
fn unproved(evidence: &ReturnEvidence, entry: &str, presented: PresentedPaper<'_>) -> Vec<Refusal> {
    let Some(paper) = evidence.papers.get(presented.paper) else {
        return vec![unknown(&evidence.rule, entry, ("evidence", "证明"), presented.paper, evidence.papers.keys())];
    };
    let stray = presented.shows.iter().filter(|shown| !paper.shows.contains_key(*shown));
    let stray = stray.map(|shown| unknown(&evidence.rule, entry, ("item", "项目"), shown, paper.shows.keys()));
    let lacking = paper.shows.iter().filter(|(id, _)| !presented.shows.contains(id)).map(|(id, what)| {
        let (en, zh) = (format!("the {} lacks: {}", paper.en, what.en), format!("{}缺少:{}", paper.zh, what.zh));
        refusal(&evidence.rule, entry, en, zh, vec![format!("evidence:{id}")])
    });
    stray.chain(lacking).collect()
}
