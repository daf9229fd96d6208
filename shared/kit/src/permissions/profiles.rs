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
    /// Takes calls that reach them by chance, and passes them on.
    Receiver,
    /// Reads only.
    Viewer,
    /// A service of the suite at its own work.
    Service,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 11] = [
        Self::Administrator,
        Self::Desk,
        Self::Engineer,
        Self::Warehouse,
        Self::Finance,
        Self::Approver,
        Self::Manager,
        Self::Partner,
        Self::Receiver,
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
            Self::Receiver => "receiver",
            Self::Viewer => "viewer",
            Self::Service => "service",
        }
    }

    /// The profile of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.word() == word)
    }

    /// The patterns of permissions that it has. What somebody may do beyond that is decided by the rules of the
    /// regulation, which know the role and not the profile.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a list, which is read by its profiles")]
    pub const fn patterns(self) -> &'static [&'static str] {
        match self {
            Self::Administrator | Self::Service => &["*"],
            Self::Receiver => &[
                "*.*.get",
                "*.*.list",
                "intake.customers.create",
                "intake.cases.create",
                "intake.cases.pass",
                "intake.cases.answer",
                "intake.cases.solve",
                "intake.cases.record",
            ],
            Self::Desk => &[
                "*.*.get",
                "*.*.list",
                "*.feed.read",
                "intake.customers.*",
                "intake.products.*",
                "intake.cases.*",
                "intake.agreements.*",
                "dispatch.*.*",
                "inventory.reservations.*",
                "inventory.purchaseRequisitions.create",
                "inventory.movements.balance",
                "inventory.loanSlips.*",
                "inventory.slipLists.*",
                "inventory.partsRequisitions.*",
                "inventory.custodies.*",
                "inventory.customerReturns.*",
                "evaluation.*.*",
            ],
            Self::Engineer => &[
                "*.*.get",
                "*.*.list",
                "intake.cases.create",
                "intake.cases.pass",
                "intake.cases.record",
                "intake.agreements.record",
                "dispatch.workOrders.progress",
                "dispatch.workOrders.record",
                "dispatch.fees.create",
                "dispatch.fees.collect",
                "dispatch.takeaways.*",
                "inventory.loanSlips.create",
                "inventory.loanSlips.issue",
                "inventory.loanSlips.handIn",
                "inventory.loanSlips.record",
                "inventory.partsRequisitions.create",
                "inventory.partsRequisitions.attach",
                "inventory.partsRequisitions.sign",
                "inventory.partsRequisitions.return",
                "inventory.custodies.handOn",
                "inventory.custodies.reportLoss",
                "evaluation.workReports.create",
                "evaluation.workReports.send",
            ],
            Self::Warehouse => &["*.*.get", "*.*.list", "*.feed.read", "inventory.*.*"],
            Self::Finance => &[
                "*.*.get",
                "*.*.list",
                "*.feed.read",
                "intake.cases.record",
                "dispatch.quotes.*",
                "dispatch.charges.*",
                "dispatch.fees.*",
                "inventory.items.*",
                "inventory.movements.balance",
                "inventory.customerReturns.book",
                "evaluation.claims.*",
                "evaluation.settlements.sign",
                "evaluation.settlements.return",
                "evaluation.bonusDeductions.create",
                "evaluation.appointments.*",
                "evaluation.cards.create",
                "evaluation.figureEntries.create",
                "evaluation.scorecards.create",
                "evaluation.scorecards.record",
                "evaluation.performancePays.*",
                "evaluation.annualIncomes.*",
            ],
            Self::Approver => &[
                "*.*.get",
                "*.*.list",
                "*.regulations.rehearse",
                "intake.cases.create",
                "intake.cases.record",
                "intake.products.record",
                "dispatch.workOrders.record",
                "dispatch.takeaways.record",
                "inventory.loanSlips.record",
                "inventory.partsRequisitions.sign",
                "inventory.customerReturns.approve",
                "evaluation.losses.approve",
                "evaluation.claims.record",
                "evaluation.scorecards.create",
                "evaluation.scorecards.record",
                "evaluation.goalSheets.create",
                "evaluation.figureEntries.review",
                "evaluation.cards.create",
                "evaluation.findings.create",
                "evaluation.duties.complete",
                "evaluation.workReports.sign",
                "evaluation.incidents.*",
                "evaluation.settlements.sign",
                "evaluation.settlements.return",
                "evaluation.volumes.takeOver",
                "evaluation.volumes.destroy",
            ],
            // All of the daily work, but not the settings: who may set roles could make himself administrator.
            Self::Manager => &[
                "*.*.get",
                "*.*.list",
                "*.feed.read",
                "intake.customers.*",
                "intake.products.*",
                "intake.cases.*",
                "intake.agreements.*",
                "intake.agreements.*",
                "dispatch.*.*",
                "inventory.*.*",
                "evaluation.*.*",
            ],
            Self::Partner => &[
                "dispatch.workOrders.get",
                "dispatch.workOrders.list",
                "dispatch.workOrders.progress",
                "dispatch.workOrders.record",
                "dispatch.engineers.get",
                "dispatch.engineers.list",
                "dispatch.agencies.get",
                "dispatch.quotes.get",
                "dispatch.quotes.list",
                "inventory.loanSlips.get",
                "inventory.loanSlips.list",
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
    fn every_pattern_covers_a_permission_that_a_method_asks_for() {
        for profile in Profile::ALL {
            for pattern in profile.patterns() {
                let alone: Permissions = [*pattern].into_iter().collect();
                let covered = callout_contract::policy::all().any(|(_, policy)| alone.allow(&policy.permission));
                assert!(covered, "{} has {pattern}, which no method asks for", profile.word());
            }
        }
    }

    #[test]
    fn who_reads_only_may_not_write_and_a_partner_may_not_read_cases() {
        let viewer: Permissions = Profile::Viewer.patterns().iter().copied().collect();
        assert!(viewer.allow("intake.cases.list"));
        assert!(!viewer.allow("intake.cases.create"));
        let partner: Permissions = Profile::Partner.patterns().iter().copied().collect();
        assert!(partner.allow("dispatch.workOrders.progress"));
        assert!(!partner.allow("intake.cases.get"));
    }
}
