//! Organisations and their settings, and sandboxes with a clock of their own.
//!
//! Intake owns them; the other services keep a copy by following [`OrganizationChanged`](pb::OrganizationChanged). The
//! row is the journal's, since every transaction begins by reading it.

use std::collections::BTreeMap;

use callout_casework::Settings;
use callout_contract::intake::v1 as pb;
use callout_journal::{Clock, Organization, TenantTx, etag, events, organizations};
use callout_kit::{Error, Text, Violations, parse};
use callout_regulation::{Library, calendar::Amount};
use jiff::Timestamp;
use prost::Message as _;

mod clock;
mod commands;
mod rpc;

/// The fields that an update may name.
const UPDATABLE: [&str; 7] =
    ["display_name", "adoptions", "special_days", "tables", "settings", "role_profiles", "review_after"];

/// Characters that the name of an organisation may have.
const LONGEST_NAME: usize = 200;

/// The organisation of the transaction as the contract has it.
fn current(tx: &TenantTx) -> Result<pb::Organization, Error> {
    let kept = tx.organization()?;
    let mut organization = Settings::of(tx)?.organization().clone();
    organization.etag = etag::of(kept.version);
    organization.clock = match kept.clock {
        Clock::Live => None,
        Clock::Sandbox { now } => Some(parse::to_timestamp(now)),
    };
    Ok(organization)
}

/// Writes the organisation of the transaction and tells the others.
async fn publish(
    tx: &mut TenantTx,
    organization: pb::Organization,
    clock: Clock,
    version: i64,
) -> Result<pb::Organization, Error> {
    let id = tx.organization_id().to_owned();
    let document = pb::Organization { clock: None, etag: String::new(), ..organization }.encode_to_vec();
    organizations::put(tx, Organization { id, clock, document, version }).await?;
    let published = current(tx)?;
    let now = tx.now();
    tx.audit_as(published.name.clone(), now);
    let changed = pb::OrganizationChanged { organization: Some(published.clone()) };
    events::append(tx, &published.name, &changed, now);
    Ok(published)
}

/// Takes over the settings of `paths` from a request, reporting all that are wrong.
fn fill(
    organization: &mut pb::Organization,
    asked: &pb::Organization,
    paths: &[&str],
    library: &Library,
) -> Result<(), Error> {
    let mut violations = Violations::default();
    for path in paths {
        match *path {
            "display_name" => {
                violations.at_most("organization.display_name", &asked.display_name, LONGEST_NAME);
                organization.display_name.clone_from(&asked.display_name);
            }
            "adoptions" => {
                check_adoptions(&asked.adoptions, library, &mut violations);
                organization.adoptions.clone_from(&asked.adoptions);
            }
            "special_days" => {
                check_special_days(&asked.special_days, &mut violations);
                organization.special_days.clone_from(&asked.special_days);
            }
            "tables" => {
                check_tables(&asked.tables, &mut violations);
                organization.tables.clone_from(&asked.tables);
            }
            "settings" => {
                check_settings(&asked.settings, &mut violations);
                organization.settings.clone_from(&asked.settings);
            }
            "role_profiles" => organization.role_profiles.clone_from(&asked.role_profiles),
            "review_after" => {
                let stated = &asked.review_after;
                if !stated.is_empty() && stated.parse::<Amount>().is_err() {
                    violations.add(
                        "organization.review_after",
                        Text::new("must be an amount such as 7d or 24h", "必须是时长，例如 7d 或 24h"),
                    );
                }
                organization.review_after.clone_from(stated);
            }
            unknown => {
                let known = UPDATABLE.join(", ");
                let fault = Text::new(format!("{unknown} is none of {known}"), format!("{unknown} 不在 {known} 之中"));
                violations.add("update_mask", fault);
            }
        }
    }
    violations.finish()
}

fn check_adoptions(adoptions: &[pb::Adoption], library: &Library, violations: &mut Violations) {
    for (index, adoption) in adoptions.iter().enumerate() {
        let revision = u32::try_from(adoption.revision).unwrap_or(0);
        if library.revision(&adoption.pack, revision).is_none() {
            let known: Vec<&str> = library.iter().map(|regulation| regulation.revision()).collect();
            let known = known.join(", ");
            let fault = Text::new(
                format!("must be a pack and revision of {known}"),
                format!("必须是以下规章版本之一：{known}"),
            );
            violations.add(format!("organization.adoptions[{index}].pack"), fault);
        }
        if let Some(at) = adoption.effective_at {
            violations.take(format!("organization.adoptions[{index}].effective_at"), parse::timestamp(at));
        }
    }
}

fn check_special_days(days: &[pb::SpecialDay], violations: &mut Violations) {
    let mut seen = BTreeMap::new();
    for (index, day) in days.iter().enumerate() {
        let field = format!("organization.special_days[{index}].date");
        violations.take(field.clone(), parse::date(&day.date));
        if let Some(other) = seen.insert(&day.date, day.kind)
            && other != day.kind
        {
            violations.add(field, Text::new("is a holiday and a working day at once", "同一天既是假日又是工作日"));
        }
        let kind = parse::enumeration::<pb::special_day::Kind>(day.kind);
        violations.take(format!("organization.special_days[{index}].kind"), kind);
    }
}

fn check_tables(tables: &[pb::Table], violations: &mut Violations) {
    for (index, table) in tables.iter().enumerate() {
        let field = format!("organization.tables[{index}]");
        let valid_from = violations.take(format!("{field}.valid_from"), parse::date(&table.valid_from));
        if !table.valid_to.is_empty() {
            let valid_to = violations.take(format!("{field}.valid_to"), parse::date(&table.valid_to));
            if valid_from.zip(valid_to).is_some_and(|(from, to)| to < from) {
                let fault = Text::new("must not be before valid_from", "不能早于 valid_from");
                violations.add(format!("{field}.valid_to"), fault);
            }
        }
        for (column, value) in &table.values {
            violations.take(format!("{field}.values.{column}"), parse::decimal(value));
        }
    }
}

fn check_settings(settings: &[pb::Setting], violations: &mut Violations) {
    for (index, setting) in settings.iter().enumerate() {
        let field = format!("organization.settings[{index}]");
        violations.take(format!("{field}.value"), parse::decimal(&setting.value));
        let from = violations.take(format!("{field}.valid_from"), parse::date(&setting.valid_from));
        let to = (!setting.valid_to.is_empty()).then(|| parse::date(&setting.valid_to));
        let to = to.and_then(|to| violations.take(format!("{field}.valid_to"), to));
        let overlaps = |other: &&pb::Setting| {
            let ends_before =
                |one: &pb::Setting, start: &str| !one.valid_to.is_empty() && one.valid_to.as_str() < start;
            other.setting == setting.setting
                && !ends_before(other, &setting.valid_from)
                && !ends_before(setting, &other.valid_from)
        };
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            violations.add(format!("{field}.valid_to"), Text::new("is before valid_from", "早于 valid_from"));
        } else if settings[..index].iter().any(|other| overlaps(&other)) {
            let fault = Text::new("is valid at the same time as another value of it", "与同一设置的另一值有效期重叠");
            violations.add(format!("{field}.valid_from"), fault);
        }
    }
}

/// Where the clock of a sandbox starts unless its owner says.
fn first_instant() -> Timestamp {
    // 2026-01-01T00:00:00Z
    Timestamp::from_second(1_767_225_600).unwrap_or(Timestamp::UNIX_EPOCH)
}
