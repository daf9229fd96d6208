//! What happens to a product's file, each in one transaction.

use std::sync::Arc;

use callout_casework::{
    Settings, Standing,
    ids::{CustomerId, Id as _, ProductId},
    limits,
};
use callout_contract::intake::v1 as pb;
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{Regulation, calendar::Amount};
use jiff::civil::Date;

use super::{Product, store};
use crate::{Intake, customer};

/// Opens the file of a delivered product.
pub async fn create(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateProductRequest,
) -> Result<pb::Product, Error> {
    let asked = request.product.unwrap_or_default();
    let mut violations = Violations::default();
    violations.require_text("product.serial", asked.serial.clone());
    let regulation = in_force(intake, tx)?;
    let mut product = Product {
        id: ProductId::new(tx.now()),
        version: 1,
        customer: None,
        serial: asked.serial.clone(),
        model: String::new(),
        maker: String::new(),
        seller: String::new(),
        warranty_ends_on: None,
        delivered_on: None,
        trained_on: None,
        category: String::new(),
        purchased_on: None,
        goods_received_on: None,
        commissioned_on: None,
        energised_on: None,
        stated_term: None,
        registered_on: None,
        standing: Standing::default(),
        created_at: tx.now(),
    };
    fill(&mut product, caller, regulation.as_deref(), &asked, &UPDATABLE, violations)?;
    customer::store::require(tx, product.customer).await?;
    follow(tx, &mut product, regulation.as_ref())?;
    store::insert(tx, &product).await?;
    told(tx, &product, regulation)
}

/// The fields that an update may name.
const UPDATABLE: [&str; 13] = [
    "customer",
    "model",
    "maker",
    "seller",
    "category",
    "warranty_ends_on",
    "delivered_on",
    "trained_on",
    "purchased_on",
    "goods_received_on",
    "commissioned_on",
    "energised_on",
    "stated_term",
];

/// Changes what the file says.
pub async fn update(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::UpdateProductRequest,
) -> Result<pb::Product, Error> {
    let asked = request.product.unwrap_or_default();
    let paths = request.update_mask.unwrap_or_default().paths;
    let paths: Vec<&str> = if paths == ["*"] { UPDATABLE.to_vec() } else { paths.iter().map(String::as_str).collect() };
    let unknown: Vec<&str> = paths.iter().copied().filter(|path| !UPDATABLE.contains(path)).collect();
    if paths.is_empty() || !unknown.is_empty() {
        let known = UPDATABLE.join(", ");
        let fault = Text::new(format!("must name some of {known}, or *"), format!("只能包含 {known} 或 *"));
        return Err(Error::invalid("update_mask", fault));
    }
    let mut product = store::lock(tx, ProductId::of(caller, "product.name", &asked.name)?).await?;
    etag::check(&request.etag, product.version, &asked.name)?;
    let regulation = in_force(intake, tx)?;
    fill(&mut product, caller, regulation.as_deref(), &asked, &paths, Violations::default())?;
    customer::store::require(tx, product.customer).await?;
    follow(tx, &mut product, regulation.as_ref())?;
    store::save(tx, &mut product).await?;
    told(tx, &product, regulation)
}

/// Enters the customer registration form. A standing that the regulation gives for a form in time is the customer's.
pub async fn register(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::RegisterProductRequest,
) -> Result<pb::Product, Error> {
    let mut product = store::lock(tx, ProductId::of(caller, "name", &request.name)?).await?;
    let posted_on = parse::date(&request.posted_on).map_err(|fault| Error::invalid("posted_on", fault))?;
    let regulation = in_force(intake, tx)?;
    let today = regulation.as_ref().map(|regulation| callout_casework::day_of(tx.now(), regulation.zone()));
    if today.is_some_and(|today| posted_on > today) {
        return Err(Error::invalid("posted_on", Text::new("must not be in the future", "不能晚于今天")));
    }
    if product.registered_on.is_some() {
        return Err(Error::AlreadyExists { name: format!("{}/registration", request.name) });
    }
    product.registered_on = Some(posted_on);
    follow(tx, &mut product, regulation.as_ref())?;
    if let (Some(regulation), Some(customer)) = (&regulation, product.customer) {
        let limits = product.subject(Arc::clone(regulation), tx.organization_id())?.limits(tx)?;
        if regulation.standings(&limits).next().is_some() {
            customer::store::enter_for_life(tx, customer).await?;
        }
    }
    if let Some(form) = request.form {
        // What must stand in it only a regulation says.
        let regulation = Settings::of(tx)?.regulation_at(&intake.host.library, tx.now())?;
        let mut subject = product.subject(regulation, tx.organization_id())?;
        let record = subject.put_on_record(tx, caller, form, None)?.clone();
        product.standing.records.push(record);
    }
    store::save(tx, &mut product).await?;
    told(tx, &product, regulation)
}

/// Puts a paper into the file.
pub async fn record(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateProductRecordRequest,
) -> Result<pb::Product, Error> {
    let mut product = store::lock(tx, ProductId::of(caller, "parent", &request.parent)?).await?;
    let regulation = Settings::of(tx)?.regulation_at(&intake.host.library, tx.now())?;
    let mut subject = product.subject(Arc::clone(&regulation), tx.organization_id())?;
    let record = subject.put_on_record(tx, caller, request.record.unwrap_or_default(), None)?.clone();
    product.standing.records.push(record);
    follow(tx, &mut product, Some(&regulation))?;
    store::save(tx, &mut product).await?;
    told(tx, &product, Some(regulation))
}

/// A limit of the file is near its end or ran out: tells of it.
pub async fn follow_limits(intake: &Intake, tx: &mut TenantTx, id: ProductId) -> Result<(), Error> {
    let mut product = store::lock(tx, id).await?;
    let regulation = in_force(intake, tx)?;
    follow(tx, &mut product, regulation.as_ref())?;
    store::save(tx, &mut product).await
}

/// The regulation that the organisation works by now; none when it has adopted none yet.
pub fn in_force(intake: &Intake, tx: &TenantTx) -> Result<Option<Arc<Regulation>>, Error> {
    match Settings::of(tx)?.regulation_at(&intake.host.library, tx.now()) {
        Ok(regulation) => Ok(Some(regulation)),
        Err(Error::SettingMissing { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Takes over the fields of `paths`, reporting all that are wrong beside those found so far.
fn fill(
    product: &mut Product,
    caller: &Caller,
    regulation: Option<&Regulation>,
    asked: &pb::Product,
    paths: &[&str],
    mut violations: Violations,
) -> Result<(), Error> {
    for path in paths {
        match *path {
            "customer" => {
                let customer = CustomerId::optional(caller, "product.customer", &asked.customer);
                product.customer = violations.merge(customer)?.flatten();
            }
            "model" => product.model.clone_from(&asked.model),
            "maker" => product.maker = party(&mut violations, "product.maker", &asked.maker, regulation),
            "seller" => product.seller = party(&mut violations, "product.seller", &asked.seller, regulation),
            "warranty_ends_on" => {
                product.warranty_ends_on = day(&mut violations, "product.warranty_ends_on", &asked.warranty_ends_on);
            }
            "delivered_on" => product.delivered_on = day(&mut violations, "product.delivered_on", &asked.delivered_on),
            "trained_on" => product.trained_on = day(&mut violations, "product.trained_on", &asked.trained_on),
            "category" => product.category = category(&mut violations, &asked.category, regulation),
            "purchased_on" => product.purchased_on = day(&mut violations, "product.purchased_on", &asked.purchased_on),
            "goods_received_on" => {
                product.goods_received_on = day(&mut violations, "product.goods_received_on", &asked.goods_received_on);
            }
            "commissioned_on" => {
                product.commissioned_on = day(&mut violations, "product.commissioned_on", &asked.commissioned_on);
            }
            "energised_on" => product.energised_on = day(&mut violations, "product.energised_on", &asked.energised_on),
            "stated_term" => product.stated_term = term(&mut violations, &asked.stated_term),
            // The others were refused before.
            _ => {}
        }
    }
    violations.finish()
}

fn day(violations: &mut Violations, field: &str, stated: &str) -> Option<Date> {
    if stated.is_empty() { None } else { violations.take(field, parse::date(stated)) }
}

/// A term as papers state it, such as `2y`.
fn term(violations: &mut Violations, stated: &str) -> Option<Amount> {
    if stated.is_empty() {
        return None;
    }
    let fault = |_| Text::new("must be a term such as 2y, 6mo or 90d", "必须是期限，例如 2y、6mo 或 90d");
    violations.take("product.stated_term", stated.parse::<Amount>().map_err(fault))
}

/// A category of the pack; without a regulation nobody can say which there are.
fn category(violations: &mut Violations, stated: &str, regulation: Option<&Regulation>) -> String {
    let categories = regulation.map(|regulation| &regulation.pack().product_categories);
    if let Some(categories) = categories.filter(|known| !stated.is_empty() && !known.contains_key(stated)) {
        let known = categories.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let fault = Text::new(format!("must be a category: {known}"), format!("必须是产品类别：{known}"));
        violations.add("product.category", fault);
    }
    stated.to_owned()
}

/// `own` or a party of the pack; without a regulation nobody can say which there are.
fn party(violations: &mut Violations, field: &str, stated: &str, regulation: Option<&Regulation>) -> String {
    if let Some(regulation) = regulation {
        let parties = &regulation.pack().parties;
        if !stated.is_empty() && stated != "own" && !parties.contains_key(stated) {
            let known = parties.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            violations
                .add(field, Text::new(format!("must be own or one of {known}"), format!("必须是 own 或 {known}")));
        }
    }
    stated.to_owned()
}

/// Keeps the timers of the product's limits.
fn follow(tx: &mut TenantTx, product: &mut Product, regulation: Option<&Arc<Regulation>>) -> Result<(), Error> {
    let Some(regulation) = regulation else { return Ok(()) };
    let mut subject = product.subject(Arc::clone(regulation), tx.organization_id())?;
    limits::follow(tx, &mut subject)?;
    product.standing.told = subject.standing.told;
    Ok(())
}

fn told(tx: &mut TenantTx, product: &Product, regulation: Option<Arc<Regulation>>) -> Result<pb::Product, Error> {
    let answer = product.to_proto(regulation, tx)?;
    let now = tx.now();
    tx.audit_as(answer.name.clone(), now);
    events::append(tx, &answer.name, &pb::ProductChanged { product: Some(answer.clone()) }, now);
    Ok(answer)
}
