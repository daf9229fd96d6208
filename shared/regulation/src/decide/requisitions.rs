//! What must be so before anything is issued against a requisition.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::Explanation;
use rust_decimal::Decimal;

use super::{records::check_form, refusal, unknown};
use crate::{
    Regulation,
    dossier::Actor,
    expression::Inputs,
    facts::Facts,
    pack::{self, Signature},
    refusal::{Refusal, alternatives},
    vocabulary::words,
};

/// A requisition as it was presented.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// Its kind, of the pack's `requisitions`.
    pub kind: &'a str,
    /// The kinds of the records that are attached.
    pub attached: &'a [String],
    /// Who signed, each with the place of the signature among those that the pack asks for.
    pub signed: &'a [(usize, String)],
}

/// A line that is to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedLine {
    /// The item.
    pub item: String,
    /// What the requisition states and was not issued yet.
    pub stated: Decimal,
    /// What is to be issued.
    pub wanted: Decimal,
}

impl Regulation {
    /// Whether this actor may fill in a requisition of this kind with these fields.
    ///
    /// # Errors
    /// Every refusal at once: an unknown kind, another role, each field that is missing, unknown or not of its kind.
    pub fn fill_requisition(
        &self,
        kind: &str,
        actor: &Actor,
        fields: &BTreeMap<String, String>,
    ) -> Result<&pack::Requisition, Vec<Refusal>> {
        let (entry, terms) = self.requisition(kind)?;
        let mut refusals: Vec<_> = self.refuse_role(&terms.rule, &entry, actor, &terms.filled_by).into_iter().collect();
        let form = self.pack.forms.get(&terms.form);
        refusals.extend(form.map(|form| check_form(form, &entry, fields)).unwrap_or_default());
        if refusals.is_empty() { Ok(terms) } else { Err(refusals) }
    }

    /// Whether a record of this kind supports a requisition.
    ///
    /// # Errors
    /// The refusal of a paper that the rules do not name.
    pub fn attach_to_requisition(&self, kind: &str, record: &str) -> Result<(), Vec<Refusal>> {
        let (entry, terms) = self.requisition(kind)?;
        let known = terms.attached.iter().flat_map(|attached| &attached.any_of);
        if known.clone().any(|known| known == record) {
            return Ok(());
        }
        let rule = terms.attached.as_ref().map_or(&terms.rule, |attached| &attached.rule);
        Err(vec![unknown(rule, &entry, ("attachment", "附件"), record, known)])
    }

    /// Which of the signatures this person gives in his roles: the first that is open, by its place.
    ///
    /// # Errors
    /// The refusal of somebody who signs none of those that are open, or has signed already.
    pub fn sign_requisition(
        &self,
        presented: Presented<'_>,
        person: &str,
        actor: &Actor,
    ) -> Result<usize, Vec<Refusal>> {
        let (entry, terms) = self.requisition(presented.kind)?;
        if let Some((place, _)) = presented.signed.iter().find(|(_, by)| by == person) {
            let rule = terms.signatures.get(*place).map_or(&terms.rule, |signature| &signature.rule);
            let (en, zh) = (format!("{person} has signed it already"), format!("{person} 已签字"));
            return Err(vec![refusal(rule, &entry, en, zh, open_roles(terms, presented))]);
        }
        let open = open_signatures(terms, presented);
        match open.iter().find(|(_, signature)| actor.is_one_of(&signature.by)) {
            Some((place, _)) => Ok(*place),
            None => {
                let roles: Vec<String> = open.iter().flat_map(|(_, signature)| signature.by.clone()).collect();
                let refused = self.refuse_role(&terms.rule, &entry, actor, &roles);
                let (en, zh) = ("every signature is there".to_owned(), "签字已齐全".to_owned());
                Err(vec![refused.unwrap_or_else(|| refusal(&terms.rule, &entry, en, zh, Vec::new()))])
            }
        }
    }

    /// Whether this actor may issue these lines against a requisition.
    ///
    /// # Errors
    /// Every refusal at once: another role, the paper that is not attached, each signature that is missing, each line of
    /// which more is wanted than is stated.
    pub fn issue_requisition(
        &self,
        presented: Presented<'_>,
        actor: &Actor,
        lines: &[IssuedLine],
    ) -> Result<Explanation, Vec<Refusal>> {
        let (entry, terms) = self.requisition(presented.kind)?;
        let issue = &terms.issue;
        let mut refusals: Vec<_> = self.refuse_role(&issue.rule, &entry, actor, &issue.by).into_iter().collect();
        if let Some(attached) = &terms.attached
            && !presented.attached.iter().any(|kind| attached.any_of.contains(kind))
        {
            let (en, zh): (Vec<_>, Vec<_>) = attached.any_of.iter().map(|kind| self.record_name(kind)).unzip();
            refusals.push(refusal(
                &attached.rule,
                &entry,
                format!("nothing is attached; needed is {}", alternatives(&en, "or")),
                format!("未附{}", alternatives(&zh, "或")),
                attached.any_of.iter().map(|kind| format!("attachment:{kind}")).collect(),
            ));
        }
        for (_, signature) in open_signatures(terms, presented) {
            let role = |pick: fn(&pack::Role) -> &String| {
                let named = |role: &String| self.pack.roles.get(role).map_or(role.clone(), |it| pick(it).clone());
                signature.by.iter().map(named).collect::<Vec<String>>()
            };
            let (en, zh) = (role(|role| &role.en), role(|role| &role.zh));
            let [en, zh] = [(&en, "or"), (&zh, "或")]
                .map(|(names, or)| alternatives(&names.iter().map(String::as_str).collect::<Vec<_>>(), or));
            refusals.push(refusal(
                &signature.rule,
                &entry,
                format!("the signature of the {en} is missing"),
                format!("缺少{zh}签字"),
                signature.by.iter().map(|role| format!("signature:{role}")).collect(),
            ));
        }
        for line in lines.iter().filter(|line| line.wanted > line.stated) {
            refusals.push(refusal(
                &issue.rule,
                &entry,
                format!("{} of `{}` may be issued, not {}", line.stated, line.item, line.wanted),
                format!("{} 只能发放 {}，不得发放 {}", line.item, line.stated, line.wanted),
                Vec::new(),
            ));
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let issued = lines.iter().map(|line| format!("{} of {} stated", line.wanted, line.stated));
        let computation = issued.collect::<Vec<_>>().join("; ");
        Ok(self.explain(&issue.rule, entry, Inputs::new(), computation))
    }

    /// By which rule the replaced part must come back for an item of this category; none when it need not.
    #[must_use]
    pub fn replaced_comes_back(&self, kind: &str, category: Option<&str>) -> Option<&str> {
        let replaced = self.pack.requisitions.get(kind)?.replaced.as_ref()?;
        let mut facts = Facts::default();
        if let Some(category) = category {
            facts.set(words::ITEM_CATEGORY, category);
        }
        // An item of no category is none of those that the rule leaves out.
        let comes_back = replaced.when.as_ref().is_none_or(|when| when.holds(&facts).is_ok_and(|it| it.value));
        (comes_back || category.is_none()).then_some(replaced.rule.as_str())
    }

    fn requisition(&self, kind: &str) -> Result<(String, &pack::Requisition), Vec<Refusal>> {
        let (entry, known) = (format!("requisitions.{kind}"), self.pack.requisitions.keys());
        match self.pack.requisitions.get(kind) {
            Some(terms) => Ok((entry, terms)),
            None => Err(vec![unknown("", &entry, ("requisition", "领用单"), kind, known)]),
        }
    }
}

/// Whose signatures are missing.
fn open_roles(terms: &pack::Requisition, presented: Presented<'_>) -> Vec<String> {
    let open = open_signatures(terms, presented);
    open.iter().flat_map(|(_, signature)| signature.by.iter().map(|role| format!("signature:{role}"))).collect()
}

fn open_signatures<'a>(terms: &'a pack::Requisition, presented: Presented<'_>) -> Vec<(usize, &'a Signature)> {
    let is_open = |(place, _): &(usize, &Signature)| !presented.signed.iter().any(|(signed, _)| signed == place);
    terms.signatures.iter().enumerate().filter(is_open).collect()
}
