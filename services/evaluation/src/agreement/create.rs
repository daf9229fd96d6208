//! An agreement is made.

use callout_casework::{
    Settings,
    ids::{self, AgencyId, AgreementId, Id as _, ProductId},
    refused,
};
use callout_contract::{
    dispatch::v1::{GetAgencyRequest, agencies_client::AgenciesClient},
    evaluation::v1 as pb,
    intake::v1::{GetProductRequest, products_client::ProductsClient},
};
use callout_journal::TenantTx;
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{Actor, AgreementTerms, Regulation};
use jiff::civil::Date;
use rust_decimal::Decimal;
use tonic::Request;

use super::{Agreement, History, State, commands, store};
use crate::{Evaluation, duty::product, settlement};

/// Characters that a text of an agreement may have.
const LONGEST_TEXT: usize = 2_000;

/// Makes an agreement under the regulation in force, and opens the settlements of its periods.
///
/// # Errors
/// [`Error::Refused`] with every rule that is not met; [`Error::Invalid`] for a first day that begins no period and for
/// days or machines that another agreement covers; [`Error::NotFound`] for an agency or a machine that is not there.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateAgreementRequest,
) -> Result<pb::Agreement, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = Asked::decode(caller, request.agreement.unwrap_or_default())?;
    let regulation = Settings::of(tx)?.regulation_at(&evaluation.host.library, tx.now())?;
    require_contractor(evaluation, caller, &regulation, &asked.contractor).await?;
    require_products(evaluation, tx, &asked.products).await?;
    let actor = Actor::of(caller.roles.iter().cloned());
    let terms = regulation
        .admit_agreement(&asked.kind, &actor, &asked.terms)
        .map_err(|refusals| refused(&request.parent, refusals))?;
    let periods = terms.periods_from(asked.starts_on).map_err(|_| no_period())?;
    let last = periods.last().ok_or_else(no_period)?.last_on();

    let agreement = Agreement {
        id: AgreementId::new(tx.now()),
        version: 1,
        kind: asked.kind,
        contractor: asked.contractor,
        starts_on: asked.starts_on,
        ends_on: last,
        annual_fee: asked.annual_fee,
        products: asked.products,
        machines: asked.terms.machines,
        persons: asked.terms.persons,
        workload_reason: asked.terms.workload_reason,
        selection: asked.terms.selection,
        reference: asked.reference,
        state: State::InForce,
        notices: Vec::new(),
        regulation: regulation.revision().to_owned(),
        created_at: tx.now(),
    };
    store::insert(tx, &agreement).await?;
    settlement::commands::open(tx, &agreement, &regulation, &periods).await?;
    let history = History::of(tx, agreement.id).await?;
    let now = tx.now();
    let answer = commands::tell(evaluation, tx, &agreement, &history, "agreed", now)?;
    tx.audit_as(answer.name.clone(), now);
    Ok(answer)
}

/// What a caller says of an agreement.
struct Asked {
    kind: String,
    contractor: String,
    starts_on: Date,
    annual_fee: Decimal,
    products: Vec<ProductId>,
    terms: AgreementTerms,
    reference: String,
}

impl Asked {
    fn decode(caller: &Caller, asked: pb::Agreement) -> Result<Self, Error> {
        let mut violations = Violations::default();
        violations.at_most("agreement.workload_reason", &asked.workload_reason, LONGEST_TEXT);
        violations.at_most("agreement.reference", &asked.reference, LONGEST_TEXT);
        let starts_on = violations.take("agreement.starts_on", parse::date(&asked.starts_on));
        let annual_fee = violations.take("agreement.annual_fee", parse::amount(&asked.annual_fee));
        let count = |number: i32| u32::try_from(number).map_err(|_| Text::new("must not be negative", "不能为负数"));
        let machines = violations.take("agreement.machines", count(asked.machines));
        let persons = violations.take("agreement.persons", count(asked.persons));
        let named = u32::try_from(asked.products.len()).unwrap_or(u32::MAX);
        if machines.is_some_and(|machines| machines != 0 && machines < named) {
            let fault = Text::new("must not be fewer than those that are named", "不能少于列明的设备数");
            violations.add("agreement.machines", fault);
        }
        let (Some(starts_on), Some(annual_fee), Some(machines), Some(persons), true) =
            (starts_on, annual_fee, machines, persons, violations.is_empty())
        else {
            return Err(violations.into_error());
        };
        let products = asked.products.iter().map(|name| ProductId::of(caller, "agreement.products", name));
        let mut products = products.collect::<Result<Vec<_>, _>>()?;
        products.sort_unstable();
        products.dedup();
        Ok(Self {
            kind: asked.kind,
            contractor: asked.contractor,
            starts_on,
            annual_fee,
            products,
            terms: AgreementTerms {
                selection: asked.selection,
                machines: machines.max(named),
                persons,
                workload_reason: asked.workload_reason,
            },
            reference: asked.reference,
        })
    }
}

fn no_period() -> Error {
    Error::invalid("agreement.starts_on", Text::new("must be the first day of a period", "必须是考核期的第一天"))
}

/// The contractor is a party of the pack or an agency that the caller may see.
async fn require_contractor(
    evaluation: &Evaluation,
    caller: &Caller,
    regulation: &Regulation,
    contractor: &str,
) -> Result<(), Error> {
    let parties = &regulation.pack().parties;
    if parties.contains_key(contractor) {
        return Ok(());
    }
    if AgencyId::parse(contractor).is_err() {
        let known = parties.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let fault = Text::new(
            format!("must be the name of an agency or a party: {known}"),
            format!("必须是服务商的资源名称或相关方：{known}"),
        );
        return Err(Error::invalid("agreement.contractor", fault));
    }
    AgencyId::of(caller, "agreement.contractor", contractor)?;
    let mut agencies = AgenciesClient::new(evaluation.peers.dispatch.clone());
    agencies.get_agency(Request::new(GetAgencyRequest { name: contractor.to_owned() })).await?;
    Ok(())
}

/// Each machine is there: as intake has told of it, or as it says now.
///
/// # Errors
/// [`Error::NotFound`] for one that is not.
pub async fn require_products(evaluation: &Evaluation, tx: &mut TenantTx, products: &[ProductId]) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    for product in product::unknown(tx, products).await? {
        let mut client = ProductsClient::new(evaluation.peers.intake.clone());
        client.get_product(Request::new(GetProductRequest { name: product.name(&organization) })).await?;
    }
    Ok(())
}
