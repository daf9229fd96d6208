//! What an organisation has set: the regulation it works by, its days off, its tables, its roles.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context as _;
use callout_contract::intake::v1 as pb;
use callout_journal::TenantTx;
use callout_kit::{Error, parse, permissions};
use callout_regulation::{
    Library, Regulation, SettingValue, TariffTable,
    calendar::{Amount, Holidays},
    pack,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use prost::Message as _;

/// When an open case without any other due time is looked at again, unless the organisation says otherwise.
const REVIEW_AFTER: &str = "7d";

/// The settings of the organisation of a transaction, as this service knows them.
#[derive(Clone, Debug)]
pub struct Settings {
    organization: Arc<pb::Organization>,
}

impl Settings {
    /// Those of the transaction's organisation.
    ///
    /// # Errors
    /// [`Error::NotFound`] while this service has not heard of it.
    pub fn of(tx: &TenantTx) -> Result<Self, Error> {
        Ok(Self { organization: tx.document(decode)? })
    }

    /// The organisation as its owner published it.
    #[must_use]
    pub fn organization(&self) -> &pb::Organization {
        &self.organization
    }

    /// The regulation in force at an instant: the latest adopted by then.
    ///
    /// # Errors
    /// [`Error::SettingMissing`] when none was in force.
    pub fn regulation_at(&self, library: &Library, at: Timestamp) -> Result<Arc<Regulation>, Error> {
        let missing = || Error::SettingMissing { setting: "adoptions".to_owned(), rule: String::new() };
        let adopted = |adoption: &&pb::Adoption| effective_at(adoption).is_some_and(|effective| effective <= at);
        let adoption = self.organization.adoptions.iter().filter(adopted).max_by_key(|adoption| effective_at(adoption));
        let adoption = adoption.ok_or_else(missing)?;
        let revision = u32::try_from(adoption.revision).map_err(|_| missing())?;
        library.revision(&adoption.pack, revision).cloned().ok_or_else(missing)
    }

    /// Holidays and make-up working days.
    ///
    /// # Errors
    /// [`Error::Internal`] for a date that intake should have refused.
    pub fn holidays(&self) -> Result<Holidays, Error> {
        let (mut days_off, mut make_up_days) = (Vec::new(), Vec::new());
        for day in &self.organization.special_days {
            let date: Date = day.date.parse().context("a special day").map_err(Error::Internal)?;
            match day.kind() {
                pb::special_day::Kind::Holiday => days_off.push(date),
                pb::special_day::Kind::WorkingDay => make_up_days.push(date),
                pb::special_day::Kind::Unspecified => {}
            }
        }
        Holidays::new(days_off, make_up_days).context("the special days").map_err(Error::Internal)
    }

    /// The tables that tariffs read, with the days on which they are valid.
    ///
    /// # Errors
    /// [`Error::Internal`] for a table that intake should have refused.
    pub fn tables(&self) -> Result<Vec<TariffTable>, Error> {
        let table = |table: &pb::Table| {
            let mut values = BTreeMap::new();
            for (column, value) in &table.values {
                let value = parse::decimal(value).map_err(|fault| anyhow::anyhow!("{column}: {fault}"))?;
                values.insert(column.clone(), value);
            }
            let valid_until = Some(&table.valid_to).filter(|to| !to.is_empty()).map(|to| to.parse()).transpose()?;
            Ok(TariffTable { table: table.table.clone(), values, valid_from: table.valid_from.parse()?, valid_until })
        };
        let tables: anyhow::Result<Vec<_>> = self.organization.tables.iter().map(table).collect();
        tables.context("the tables").map_err(Error::Internal)
    }

    /// The numbers that regulations leave to it, with the days on which they are valid.
    ///
    /// # Errors
    /// [`Error::Internal`] for a number or a day that intake should have refused.
    pub fn values(&self) -> Result<Vec<SettingValue>, Error> {
        let value = |setting: &pb::Setting| {
            let value = parse::decimal(&setting.value).map_err(|fault| anyhow::anyhow!("{fault}"))?;
            let valid_until = Some(&setting.valid_to).filter(|to| !to.is_empty()).map(|to| to.parse()).transpose()?;
            let valid_from = setting.valid_from.parse()?;
            Ok(SettingValue { setting: setting.setting.clone(), value, valid_from, valid_until })
        };
        let values: anyhow::Result<Vec<_>> = self.organization.settings.iter().map(value).collect();
        values.context("the settings").map_err(Error::Internal)
    }

    /// After how long an open case without any other due time is looked at again.
    ///
    /// # Errors
    /// [`Error::Internal`] for an amount that intake should have refused.
    pub fn review_after(&self) -> Result<Amount, Error> {
        let stated = Some(self.organization.review_after.as_str()).filter(|stated| !stated.is_empty());
        stated.unwrap_or(REVIEW_AFTER).parse().context("review_after").map_err(Error::Internal)
    }

    /// What each role may do: as the organisation says, else as the pack in force gives it. An organisation without a
    /// regulation has the suite's roles alone.
    #[must_use]
    pub fn role_map(&self, library: &Library, at: Timestamp) -> permissions::RoleMap {
        let mut roles = BTreeMap::new();
        if let Ok(regulation) = self.regulation_at(library, at) {
            for (role, given) in &regulation.pack().roles {
                roles.insert(
                    role.clone(),
                    permissions::Role { profiles: vec![profile(given.profile)], ..Default::default() },
                );
            }
        }
        for stated in &self.organization.role_profiles {
            let given = permissions::Role { profiles: Vec::new(), permissions: stated.permissions.clone() };
            roles.insert(stated.role.clone(), given);
        }
        permissions::RoleMap { roles, sandbox: self.organization.mode() == pb::organization::Mode::Sandbox }
    }
}

fn decode(document: &[u8]) -> Result<pb::Organization, Error> {
    pb::Organization::decode(document).context("an organisation's snapshot").map_err(Error::Internal)
}

/// What a pack lets a role do at all, as the suite's permissions have it.
const fn profile(given: pack::Profile) -> permissions::Profile {
    match given {
        pack::Profile::Desk => permissions::Profile::Desk,
        pack::Profile::Engineer => permissions::Profile::Engineer,
        pack::Profile::Warehouse => permissions::Profile::Warehouse,
        pack::Profile::Finance => permissions::Profile::Finance,
        pack::Profile::Receiver => permissions::Profile::Receiver,
        pack::Profile::Approver => permissions::Profile::Approver,
        pack::Profile::Viewer => permissions::Profile::Viewer,
    }
}

fn effective_at(adoption: &pb::Adoption) -> Option<Timestamp> {
    adoption.effective_at.and_then(|at| parse::timestamp(at).ok())
}

/// The regulation that a decision was made under, named as explanations name it.
///
/// # Errors
/// [`Error::Internal`] when this release does not have that revision: revisions are never taken out of it.
pub fn regulation_named(library: &Library, revision: &str) -> Result<Arc<Regulation>, Error> {
    let missing = || Error::Internal(anyhow::anyhow!("regulation {revision} is not in the library"));
    library.named(revision).cloned().ok_or_else(missing)
}

/// The civil day of an instant in a regulation's zone.
#[must_use]
pub fn day_of(at: Timestamp, zone: &TimeZone) -> Date {
    at.to_zoned(zone.clone()).date()
}
