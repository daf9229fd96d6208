//! Prices work by the tariff of its verdict.

use std::collections::BTreeMap;

use callout_casework::{Settings, money, refused};
use callout_contract::{
    dispatch::v1 as pb,
    inventory::v1::{self as inventory, items_client::ItemsClient},
};
use callout_journal::TenantTx;
use callout_kit::{Caller, Error, parse};
use callout_regulation::{
    Actor, NotQuoted, PartPrice, QuoteInput, QuotePart, QuotedPrice, Regulation, vocabulary::words,
};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use super::decode::{Asked, AskedPart};
use crate::{Dispatch, work_order::WorkOrder};

/// Prices an order as it is asked for at an instant: by the tables and prices of that day.
///
/// # Errors
/// [`Error::Refused`] by every rule that refuses, [`Error::SettingMissing`] for a table or a price that is not there, and
/// inventory's refusal for a part that it does not have.
pub async fn price(
    dispatch: &Dispatch,
    tx: &TenantTx,
    caller: &Caller,
    (order, name): (&WorkOrder, &str),
    regulation: &Regulation,
    asked: &Asked,
    at: Timestamp,
) -> Result<QuotedPrice, Error> {
    let (mut parts, mut prices) = (Vec::new(), BTreeMap::new());
    for part in &asked.parts {
        let item = item(dispatch, part, at).await?;
        parts.push(QuotePart {
            item: item.code.clone(),
            quantity: part.quantity,
            supplied_by: part.supplied_by.clone(),
            given_price: part.unit_price,
        });
        prices.insert(item.code.clone(), kept_prices(&item)?);
    }
    let mut facts = order.standing.facts.clone();
    if let Some(persons) = asked.persons {
        facts.set(words::QUOTE_PERSONS, persons);
    }
    if let Some(days) = asked.days {
        facts.set(words::QUOTE_DAYS, days);
    }
    if let Some(distance_km) = order.distance_km {
        facts.set(words::QUOTE_DISTANCE_KM, distance_km);
    }
    let input = QuoteInput {
        tariff: order.verdict.tariff.clone(),
        mode: order.mode,
        facts,
        parts,
        items: asked.items.clone(),
        given_total: asked.proposed_price,
        at,
        actor: Actor::of(caller.roles.iter().cloned()),
    };
    let prices: Vec<PartPrice> = prices.into_values().flatten().collect();
    regulation.quote(&input, &Settings::of(tx)?.tables()?, &prices).map_err(|why| match why {
        NotQuoted::Refused(refusals) => refused(name, refusals),
        NotQuoted::Missing(missing) => {
            let settings: Vec<&str> = missing.iter().map(|missing| missing.setting.as_str()).collect();
            let rule = missing.first().map(|missing| missing.rule.clone()).unwrap_or_default();
            Error::SettingMissing { setting: settings.join(", "), rule }
        }
    })
}

/// The lines of a price, each with the rule and the computation behind it.
pub fn lines(priced: &QuotedPrice, tariff: &str, regulation: &Regulation) -> Vec<pb::QuoteLine> {
    let rule = regulation.pack().tariffs.get(tariff).map(|tariff| tariff.rule.clone()).unwrap_or_default();
    // The explanations come in the order of the lines; an item that the quoter entered has none of its own.
    let mut explanations: Vec<_> = priced.explanations.iter().collect();
    let mut line = |line: &callout_regulation::QuoteLine| {
        let (entry, of_part) = (format!("tariffs.{tariff}.lines.{}", line.name), format!("{}: ", line.name));
        let its = explanations.iter().position(|it| it.entry == entry || it.computation.starts_with(&of_part));
        let its = its.map(|index| explanations.remove(index));
        pb::QuoteLine {
            line: line.name.clone(),
            amount: money::written(line.amount),
            rule: its.map_or_else(|| rule.clone(), |its| its.rule.clone()),
            computation: its.map(|its| its.computation.clone()).unwrap_or_default(),
        }
    };
    priced.lines.iter().map(&mut line).collect()
}

/// A part as inventory has it, with the prices of it that are valid at an instant.
async fn item(dispatch: &Dispatch, part: &AskedPart, at: Timestamp) -> Result<inventory::Item, Error> {
    let mut items = ItemsClient::new(dispatch.peers.inventory.clone());
    let request = inventory::GetItemRequest { name: part.item.clone(), priced_at: Some(parse::to_timestamp(at)) };
    Ok(items.get_item(request).await?.into_inner())
}

/// Inventory tells the prices that were asked for, those of the day of the quote; whatever other days they are valid on
/// does not matter here.
fn kept_prices(item: &inventory::Item) -> Result<Vec<PartPrice>, Error> {
    let price = |(kind, amount): (&String, &String)| {
        let amount: Decimal = parse::decimal(amount)
            .map_err(|fault| Error::Internal(anyhow::anyhow!("{} of {}: {fault}", kind, item.name)))?;
        let (item, kind) = (item.code.clone(), kind.clone());
        Ok(PartPrice { item, kind, amount, valid_from: Date::MIN, valid_until: None })
    };
    item.prices.iter().map(price).collect()
}

#[cfg(test)]
mod tests {
    use callout_regulation::{Facts, Library, TariffTable, vocabulary::Mode};

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn each_line_has_the_rule_and_the_computation_that_it_comes_from() {
        let regulation = Library::built_in().unwrap().named("R01-aerial-platforms@1").unwrap();
        let part = |supplied_by: Option<&str>| QuotePart {
            item: "Y-1000".to_owned(),
            quantity: Decimal::ONE,
            supplied_by: supplied_by.map(str::to_owned),
            given_price: supplied_by.is_none().then(|| decimal("1100")),
        };
        let input = QuoteInput {
            tariff: "class3_visit".to_owned(),
            mode: Mode::OnSite,
            facts: Facts::default()
                .with(words::QUOTE_PERSONS, Decimal::ONE)
                .with(words::QUOTE_DAYS, Decimal::ONE)
                .with(words::QUOTE_DISTANCE_KM, decimal("200")),
            parts: vec![part(None), part(Some("korean_partner"))],
            items: BTreeMap::new(),
            given_total: None,
            at: "2026-05-11T15:00:00+08:00".parse().unwrap(),
            actor: Actor::of(["finance"]),
        };
        let table = TariffTable {
            table: "class3_visit".to_owned(),
            values: [("person_day".to_owned(), decimal("600")), ("km".to_owned(), decimal("1.50"))].into(),
            valid_from: Date::MIN,
            valid_until: None,
        };
        let item = inventory::Item {
            code: "Y-1000".to_owned(),
            prices: [("finance".to_owned(), "1000".to_owned()), ("partner".to_owned(), "900".to_owned())].into(),
            ..inventory::Item::default()
        };
        let priced = regulation.quote(&input, &[table], &kept_prices(&item).unwrap()).unwrap();
        let lines = lines(&priced, "class3_visit", regulation);
        let found: Vec<_> =
            lines.iter().map(|line| (line.line.as_str(), line.amount.as_str(), line.rule.as_str())).collect();
        assert_eq!(
            found,
            [
                ("labour", "600.00", "R01-14"),
                ("travel", "300.00", "R01-14"),
                ("Y-1000", "1100.00", "R01-15"),
                ("Y-1000", "90.00", "R01-15"),
            ]
        );
        assert!(lines[2].computation.contains("given"), "{}", lines[2].computation);
        assert!(lines[3].computation.contains("price.partner"), "{}", lines[3].computation);
    }
}
