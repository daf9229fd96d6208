//! What happens to items, each in one transaction.

use callout_casework::{
    day_of,
    ids::{self, Id as _, ItemId},
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Text, Violations};
use callout_regulation::Regulation;

use super::{Field, Item, price_list, prices, store};
use crate::Inventory;

/// Enters an item.
pub async fn create(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateItemRequest,
) -> Result<pb::Item, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let mut item = Item::new(tx.now());
    change(inventory, tx, caller, &mut item, &Field::ALL, &request.item.unwrap_or_default())?;
    store::insert(tx, &item).await?;
    store::replace_prices(tx, &item).await?;
    tell(inventory, tx, &item)
}

/// Changes the fields of an item that the mask names.
pub async fn update(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::UpdateItemRequest,
) -> Result<pb::Item, Error> {
    let asked = request.item.unwrap_or_default();
    let fields = masked(&request.update_mask.unwrap_or_default().paths)?;
    let mut item = store::lock(tx, ItemId::of(caller, "item.name", &asked.name)?).await?;
    etag::check(&request.etag, item.version, &asked.name)?;
    let prices = item.prices.clone();
    change(inventory, tx, caller, &mut item, &fields, &asked)?;
    store::save(tx, &mut item).await?;
    if item.prices != prices {
        store::replace_prices(tx, &item).await?;
    }
    tell(inventory, tx, &item)
}

fn change(
    inventory: &Inventory,
    tx: &TenantTx,
    caller: &Caller,
    item: &mut Item,
    fields: &[Field],
    asked: &pb::Item,
) -> Result<(), Error> {
    let pricing = price_list::Change::of(asked, fields, &item.prices);
    let is_priced = pricing != price_list::Change::None;
    if is_priced {
        prices::require_finance(tx, &inventory.host.library, caller)?;
    }
    let is_categorised = fields.contains(&Field::Category) && !asked.category.is_empty();
    let regulation = (is_priced || is_categorised).then(|| inventory.regulation_now(tx)).transpose()?;
    let mut violations = Violations::default();
    for field in fields {
        item.set(*field, asked, regulation.as_deref().map(Regulation::pack), &mut violations);
    }
    if let Some(regulation) = regulation {
        let today = day_of(tx.now(), regulation.zone());
        item.prices.change(pricing, asked, regulation.pack(), today, &mut violations);
    }
    violations.finish()
}

fn masked(paths: &[String]) -> Result<Vec<Field>, Error> {
    if paths.iter().any(|path| path == "*") {
        return Ok(Field::ALL.to_vec());
    }
    let mut violations = Violations::default();
    let mut fields = Vec::new();
    for path in paths {
        match Field::ALL.into_iter().find(|field| field.path() == path) {
            Some(field) => fields.push(field),
            None => violations.add("update_mask", unknown(path)),
        }
    }
    if paths.is_empty() {
        violations.add("update_mask", Text::new("must name at least one field", "至少指定一个字段"));
    }
    violations.finish()?;
    Ok(fields)
}

fn unknown(path: &str) -> Text {
    let known = Field::ALL.map(Field::path).join(", ");
    Text::new(format!("`{path}` cannot be set; these can: {known}, *"), format!("不能设置 {path}；可设置：{known}, *"))
}

fn tell(inventory: &Inventory, tx: &mut TenantTx, item: &Item) -> Result<pb::Item, Error> {
    let now = tx.now();
    let answer = item.to_proto(tx.organization_id(), inventory.day_of(tx, now)?);
    tx.audit_as(answer.name.clone(), now);
    events::append(tx, &answer.name, &pb::ItemChanged { item: Some(answer.clone()) }, now);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|&path| path.to_owned()).collect()
    }

    #[test]
    fn a_mask_names_fields_that_can_be_set_and_at_least_one() {
        assert_eq!(masked(&paths(&["prices", "unit"])).unwrap(), [Field::Prices, Field::Unit]);
        assert_eq!(masked(&paths(&["*"])).unwrap(), Field::ALL);
        assert!(matches!(masked(&[]), Err(Error::Invalid(_))));
        let Err(Error::Invalid(violations)) = masked(&paths(&["etag", "unit", "name"])) else { panic!("not refused") };
        assert_eq!(violations.len(), 2);
    }
}
