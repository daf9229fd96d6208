//! The profiles that the suite ships: what the people of a service organisation usually may do.

use serde::{Deserialize, Serialize};

/// A kind of work in the organisation, with the permissions that it needs.
///
/// A role whose name is a profile's has that profile; for any other role the organisation says which profiles it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Runs the organisation's account: settings, roles, regulation packs; may do everything.
    Administrator,
    /// Clerk of the service desk: takes cases in, sends people out, follows up.
    Desk,
    /// Goes to the customer: own visits, reports, parts on loan.
    Engineer,
    /// Keeps a store: slips, movements, inspections, stocktakes.
    Warehouse,
    /// Quotes, payments, settlements, the ledger of bonuses and penalties.
    Finance,
    /// Decides what is put before them: approvals, releases, sign-offs.
    Approver,
    /// Leads the service: everything that the desk does, plus plans, scores and reports.
    Manager,
    /// Works for an outside company; sees what was offered or given to it.
    Partner,
    /// Reads only.
    Viewer,
    /// A service of the suite at its own work.
    Service,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 10] = [
        Self::Administrator,
        Self::Desk,
        Self::Engineer,
        Self::Warehouse,
        Self::Finance,
        Self::Approver,
        Self::Manager,
        Self::Partner,
        Self::Viewer,
        Self::Service,
    ];

    /// Its word, which is also the name of the role that has it by default.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Desk => "desk",
            Self::Engineer => "engineer",
            Self::Warehouse => "warehouse",
            Self::Finance => "finance",
            Self::Approver => "approver",
            Self::Manager => "manager",
            Self::Partner => "partner",
            Self::Viewer => "viewer",
            Self::Service => "service",
        }
    }

    /// The profile of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.word() == word)
    }

    /// The patterns of permissions that it has.
    #[must_use]
    pub const fn patterns(self) -> &'static [&'static str] {
        match self {
            Self::Administrator | Self::Service => &["*"],
            Self::Desk => &[
                "*.*.get",
                "*.*.list",
                "intake.customers.*",
                "intake.products.*",
                "intake.cases.*",
                "intake.complaints.*",
                "intake.quotes.*",
                "intake.approvals.create",
                "dispatch.orders.*",
                "dispatch.offers.*",
                "dispatch.visits.*",
                "dispatch.reports.*",
                "dispatch.take_aways.*",
                "inventory.slips.create",
                "inventory.requisitions.*",
                "evaluation.follow_ups.*",
                "evaluation.surveys.*",
                "evaluation.facts.create",
            ],
            Self::Engineer => &[
                "*.*.get",
                "*.*.list",
                "intake.cases.record",
                "dispatch.orders.accept",
                "dispatch.orders.decline",
                "dispatch.orders.record",
                "dispatch.visits.*",
                "dispatch.evidence.*",
                "dispatch.reports.*",
                "dispatch.take_aways.*",
                "inventory.slips.create",
                "inventory.slips.give_back",
                "inventory.slips.consume",
                "inventory.requisitions.create",
            ],
            Self::Warehouse => &["*.*.get", "*.*.list", "inventory.*"],
            Self::Finance => &[
                "*.*.get",
                "*.*.list",
                "intake.quotes.*",
                "intake.payments.*",
                "evaluation.ledger.*",
                "evaluation.settlements.*",
                "evaluation.reports.*",
            ],
            Self::Approver => &[
                "*.*.get",
                "*.*.list",
                "*.*.approve",
                "*.*.reject",
                "*.*.sign",
                "*.*.release",
                "*.*.decide",
                "intake.approvals.*",
            ],
            Self::Manager => &[
                "*.*.get",
                "*.*.list",
                "*.*.approve",
                "*.*.reject",
                "*.*.sign",
                "*.*.release",
                "*.*.decide",
                "intake.*",
                "dispatch.*",
                "inventory.slips.*",
                "inventory.requisitions.*",
                "evaluation.*",
            ],
            Self::Partner => &[
                "dispatch.orders.get",
                "dispatch.orders.list",
                "dispatch.orders.record",
                "dispatch.offers.*",
                "dispatch.visits.*",
                "dispatch.evidence.*",
                "dispatch.reports.*",
                "inventory.slips.get",
                "inventory.slips.list",
                "inventory.slips.create",
                "evaluation.settlements.get",
                "evaluation.settlements.list",
            ],
            Self::Viewer => &["*.*.get", "*.*.list"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::Permissions;

    #[test]
    fn a_profile_is_found_by_its_word() {
        for profile in Profile::ALL {
            assert_eq!(Profile::from_word(profile.word()), Some(profile));
        }
        assert_eq!(Profile::from_word("janitor"), None);
    }

    #[test]
    fn who_reads_only_may_not_write_and_a_partner_may_not_read_cases() {
        let viewer: Permissions = Profile::Viewer.patterns().iter().copied().collect();
        assert!(viewer.allow("intake.cases.list"));
        assert!(!viewer.allow("intake.cases.create"));
        let partner: Permissions = Profile::Partner.patterns().iter().copied().collect();
        assert!(partner.allow("dispatch.offers.accept"));
        assert!(!partner.allow("intake.cases.get"));
    }
}
