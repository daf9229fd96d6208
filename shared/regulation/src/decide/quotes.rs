//! What a service costs the customer, by a tariff.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::Explanation;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use super::{
    prices::{PartPrice, TariffTable, prices_on, table_on},
    refusal, unknown,
};
use crate::{
    Regulation,
    dossier::Actor,
    expression::Inputs,
    facts::Facts,
    pack::{GivenPrice, PartsPrice, RoundingStep, Tariff},
    refusal::{Refusal, Undecided},
    vocabulary::{Mode, words},
};

/// What a quote is made for.
#[derive(Clone, Debug)]
pub struct QuoteInput {
    /// The tariff that the verdict names.
    pub tariff: String,
    /// How the work is done.
    pub mode: Mode,
    /// `quote.persons`, `quote.days`, `quote.distance_km` and what else the tariff's lines read.
    pub facts: Facts,
    /// The parts that the customer gets.
    pub parts: Vec<QuotePart>,
    /// The amounts of the tariff's required cost items.
    pub items: BTreeMap<String, Decimal>,
    /// The total, where the tariff lets a person give it.
    pub given_total: Option<Decimal>,
    /// When the quote is made: tables and prices that are valid then count.
    pub at: Timestamp,
    /// Who makes it.
    pub actor: Actor,
}

/// A part in a quote.
#[derive(Clone, Debug)]
pub struct QuotePart {
    /// The part.
    pub item: String,
    /// How many pieces.
    pub quantity: Decimal,
    /// The party that supplies it; absent: the organisation.
    pub supplied_by: Option<String>,
    /// The price of one piece, where the tariff lets a person give it.
    pub given_price: Option<Decimal>,
}

/// A quote.
#[derive(Clone, Debug, PartialEq)]
pub struct QuotedPrice {
    /// What it is made of.
    pub lines: Vec<QuoteLine>,
    /// What the customer pays, in the currency of the pack.
    pub total: Decimal,
    /// Why, line by line.
    pub explanations: Vec<Explanation>,
}

/// A line of a quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteLine {
    /// The line of the tariff, or the part.
    pub name: String,
    /// Its amount.
    pub amount: Decimal,
}

/// Why no quote can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotQuoted {
    /// Rules refuse it.
    #[error("{}", .0.iter().map(Refusal::to_string).collect::<Vec<_>>().join("; "))]
    Refused(Vec<Refusal>),
    /// The organisation lacks settings that are valid at that time.
    #[error("{}", .0.iter().map(MissingSetting::to_string).collect::<Vec<_>>().join("; "))]
    Missing(Vec<MissingSetting>),
}

/// A setting of the organisation that a decision needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} is missing or not valid on {day} ({rule})")]
pub struct MissingSetting {
    /// What is missing: `table:<id>`, `table:<id>.<column>` or `price:<kind>:<item>`.
    pub setting: String,
    /// The rule that asks for it.
    pub rule: String,
    /// The day on which it must be valid.
    pub day: Date,
}

impl Regulation {
    /// What the customer is quoted.
    ///
    /// In a free mode nothing is charged. Else the total is the sum of the computed lines and the parts, or what a person
    /// gives where the tariff says so, never below the floor.
    ///
    /// # Errors
    /// [`NotQuoted`] with everything that is refused (an item that is absent, a price below its floor, a role that may not
    /// give a price, a fact that is not known), or with every setting that is missing.
    pub fn quote(
        &self,
        input: &QuoteInput,
        tables: &[TariffTable],
        prices: &[PartPrice],
    ) -> Result<QuotedPrice, NotQuoted> {
        let Some(tariff) = self.pack.tariffs.get(&input.tariff) else {
            let what = ("tariff", "收费标准");
            let unknown = unknown("", "tariffs", what, &input.tariff, self.pack.tariffs.keys());
            return Err(NotQuoted::Refused(vec![unknown]));
        };
        let day = self.zone.to_datetime(input.at).date();
        let entry = format!("tariffs.{}", input.tariff);
        if let Some(free) = tariff.free_modes.as_ref().filter(|free| free.modes.contains(&input.mode)) {
            let computation = format!("{} is free", input.mode);
            let explanation = self.explain(&free.rule, format!("{entry}.free_modes"), Inputs::new(), computation);
            return Ok(QuotedPrice { lines: Vec::new(), total: Decimal::ZERO, explanations: vec![explanation] });
        }
        let mut facts = input.facts.clone();
        facts.set(
            words::ITEMS,
            tariff.items.keys().filter_map(|item| input.items.get(item).copied()).collect::<Vec<_>>(),
        );
        let mut making = Making {
            regulation: self,
            actor: &input.actor,
            tariff,
            entry,
            day,
            facts,
            lines: Vec::new(),
            explanations: Vec::new(),
            refusals: Vec::new(),
            missing: Vec::new(),
        };
        making.read_table(tables);
        making.items(&input.items);
        making.computed_lines();
        for part in &input.parts {
            making.part(part, &prices_on(prices, &part.item, day));
        }
        making.total(input.given_total)
    }
}

/// A quote as it is made; what stands in its way is gathered, not only the first.
struct Making<'a> {
    regulation: &'a Regulation,
    actor: &'a Actor,
    tariff: &'a Tariff,
    entry: String,
    day: Date,
    facts: Facts,
    lines: Vec<QuoteLine>,
    explanations: Vec<Explanation>,
    refusals: Vec<Refusal>,
    missing: Vec<MissingSetting>,
}

impl Making<'_> {
    fn read_table(&mut self, tables: &[TariffTable]) {
        let Some(table) = &self.tariff.table else { return };
        let Some(revision) = table_on(tables, table, self.day) else {
            let rule = self.regulation.pack.tables.get(table).map_or(&self.tariff.rule, |it| &it.rule).clone();
            return self.missing.push(MissingSetting { setting: format!("table:{table}"), rule, day: self.day });
        };
        for (column, value) in &revision.values {
            self.facts.set_table_value(column, *value);
        }
    }

    /// Zero is allowed, absence is not.
    fn items(&mut self, given: &BTreeMap<String, Decimal>) {
        for (item, text) in &self.tariff.items {
            match given.get(item) {
                Some(amount) if amount.is_sign_negative() && !amount.is_zero() => {
                    let (en, zh) = (format!("{} must not be negative", text.en), format!("{}不得为负数", text.zh));
                    self.refuse("items", en, zh, format!("item:{item}"));
                }
                Some(amount) => self.lines.push(QuoteLine { name: item.clone(), amount: *amount }),
                None => {
                    let (en, zh) = (format!("the cost item {} is missing", text.en), format!("缺少{}", text.zh));
                    self.refuse("items", en, zh, format!("item:{item}"));
                }
            }
        }
        for stray in given.keys().filter(|item| !self.tariff.items.contains_key(*item)) {
            let entry = format!("{}.items", self.entry);
            let what = ("cost item", "费用项目");
            self.refusals.push(unknown(&self.tariff.rule, &entry, what, stray, self.tariff.items.keys()));
        }
    }

    fn computed_lines(&mut self) {
        for (name, formula) in &self.tariff.lines {
            let rule = self.tariff.rule.clone();
            match formula.compute(&self.facts) {
                Ok(computed) => {
                    let amount = self.rounded_line(computed.value);
                    self.explain(&rule, &format!("lines.{name}"), computed.inputs, format!("{formula} = {amount}"));
                    self.lines.push(QuoteLine { name: name.clone(), amount });
                }
                Err(unknown) => self.lacks(&rule, &format!("lines.{name}"), &unknown, None),
            }
        }
    }

    fn part(&mut self, part: &QuotePart, prices: &BTreeMap<&str, Decimal>) {
        let (place, parts) = match &part.supplied_by {
            Some(party) => (format!("supplied_by.{party}"), self.tariff.supplied_by.get(party)),
            None => ("parts".to_owned(), self.tariff.parts.as_ref()),
        };
        let Some(parts) = parts else {
            let from = part.supplied_by.as_deref().unwrap_or("own stock");
            let en = format!("the tariff has no price for `{}` from {from}", part.item);
            let zh = format!("收费标准没有 {} 自 {from} 供货的价格", part.item);
            return self.refuse(&place, en, zh, String::new());
        };
        let mut facts = self.facts.clone();
        for (kind, price) in prices {
            facts.set_price(kind, *price);
        }
        let Some((price, inputs, how)) = self.piece_price(&place, parts, part, &facts) else { return };
        let amount = self.rounded_line(price * part.quantity);
        let computation = format!("{}: {how}; {price} x {} = {amount}", part.item, part.quantity);
        self.explain(&parts.rule, &place, inputs, computation);
        self.lines.push(QuoteLine { name: part.item.clone(), amount });
    }

    /// The price of one piece, what it was made from and how.
    fn piece_price(
        &mut self,
        place: &str,
        parts: &PartsPrice,
        part: &QuotePart,
        facts: &Facts,
    ) -> Option<(Decimal, Inputs, String)> {
        if let Some(formula) = &parts.price {
            return match formula.compute(facts) {
                Ok(computed) => Some((computed.value, computed.inputs, formula.to_string())),
                Err(unknown) => {
                    self.lacks(&parts.rule, place, &unknown, Some(&part.item));
                    None
                }
            };
        }
        let given = parts.given.as_ref()?;
        let Some(price) = part.given_price else {
            let (en, zh) =
                (format!("the price of `{}` must be given", part.item), format!("须给出 {} 的价格", part.item));
            self.refuse_by(&parts.rule, place, en, zh, format!("price:{}", part.item));
            return None;
        };
        let inputs = self.above_floor(&parts.rule, place, given, price, facts, Some(&part.item))?;
        Some((price, inputs, "given".to_owned()))
    }

    /// Checks a given price; none when it is refused.
    fn above_floor(
        &mut self,
        rule: &str,
        place: &str,
        given: &GivenPrice,
        price: Decimal,
        facts: &Facts,
        item: Option<&str>,
    ) -> Option<Inputs> {
        let entry = format!("{}.{place}", self.entry);
        if let Some(refused) = self.regulation.refuse_role(rule, &entry, self.actor, &given.by) {
            self.refusals.push(refused);
            return None;
        }
        let Some(formula) = &given.floor else { return Some(Inputs::new()) };
        match formula.compute(facts) {
            Ok(floor) if price >= floor.value => {
                let computation = format!("{price} >= {formula} = {}", floor.value.normalize());
                self.explain(rule, &format!("{place}.given.floor"), floor.inputs.clone(), computation);
                Some(floor.inputs)
            }
            Ok(floor) => {
                let floor = floor.value.normalize();
                let en = format!("{price} is below the least price {floor} ({formula})");
                self.refuse_by(rule, place, en, format!("{price} 低于最低价格 {floor}"), format!("price:{floor}"));
                None
            }
            Err(unknown) => {
                self.lacks(rule, place, &unknown, item);
                None
            }
        }
    }

    fn total(mut self, given_total: Option<Decimal>) -> Result<QuotedPrice, NotQuoted> {
        let sum = self.lines.iter().map(|line| line.amount).sum::<Decimal>();
        let mut total = sum;
        let rule = self.tariff.rule.clone();
        // Without its items the floor of a total would be too low: the items are refused first.
        match (self.tariff.given.as_ref(), given_total) {
            (Some(given), Some(price)) if self.refusals.is_empty() => {
                let facts = self.facts.clone();
                self.above_floor(&rule, "given", given, price, &facts, None);
                total = price;
            }
            (Some(_), None) => {
                self.refuse(
                    "given",
                    "the total must be given".to_owned(),
                    "须给出总价".to_owned(),
                    "price:total".to_owned(),
                );
            }
            (None, Some(_)) => {
                let (en, zh) = ("the total is computed, not given".to_owned(), "总价由收费标准计算".to_owned());
                self.refuse("given", en, zh, String::new());
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
        if !self.missing.is_empty() {
            return Err(NotQuoted::Missing(self.missing));
        }
        if !self.refusals.is_empty() {
            return Err(NotQuoted::Refused(self.refusals));
        }
        Ok(QuotedPrice { lines: self.lines, total: self.tariff.rounding.apply(total), explanations: self.explanations })
    }

    fn rounded_line(&self, amount: Decimal) -> Decimal {
        match self.tariff.rounding.step {
            RoundingStep::Line => self.tariff.rounding.apply(amount),
            RoundingStep::Total => amount,
        }
    }

    /// A price or a table value that is not known is a setting that is missing; any other fact is refused.
    fn lacks(&mut self, rule: &str, place: &str, unknown: &Undecided, item: Option<&str>) {
        let setting = match unknown {
            Undecided::Missing { fact } => match (fact.split_once('.'), item) {
                (Some(("table", column)), _) => {
                    let table = self.tariff.table.as_deref().unwrap_or_default();
                    if self.missing.iter().any(|missing| missing.setting == format!("table:{table}")) {
                        return; // the whole table is missing: said once
                    }
                    Some(format!("table:{table}.{column}"))
                }
                (Some(("price", kind)), Some(item)) => Some(format!("price:{kind}:{item}")),
                (Some(_) | None, _) => None,
            },
            Undecided::Failed { .. } | Undecided::Uncounted { .. } => None,
        };
        match setting {
            Some(setting) => self.missing.push(MissingSetting { setting, rule: rule.to_owned(), day: self.day }),
            None => self.refusals.push(unknown.refusal(rule, &format!("{}.{place}", self.entry))),
        }
    }

    fn explain(&mut self, rule: &str, place: &str, inputs: Inputs, computation: String) {
        let explanation = self.regulation.explain(rule, format!("{}.{place}", self.entry), inputs, computation);
        self.explanations.push(explanation);
    }

    fn refuse(&mut self, place: &str, en: String, zh: String, lifted_by: String) {
        let rule = self.tariff.rule.clone();
        self.refuse_by(&rule, place, en, zh, lifted_by);
    }

    fn refuse_by(&mut self, rule: &str, place: &str, en: String, zh: String, lifted_by: String) {
        let lifted_by = if lifted_by.is_empty() { Vec::new() } else { vec![lifted_by] };
        self.refusals.push(refusal(rule, &format!("{}.{place}", self.entry), en, zh, lifted_by));
    }
}
