//! The ids of resources, each a type of its own, and the names they have in the contract.

use std::fmt;

use callout_kit::{Caller, Error, Text, clock, parse};
use jiff::Timestamp;
use uuid::Uuid;

/// The id of a resource directly below its organisation.
pub trait Id: Copy + fmt::Debug {
    /// Its collection in resource names, such as `cases`.
    const COLLECTION: &'static str;

    /// The id that this UUID is.
    fn from_uuid(uuid: Uuid) -> Self;

    /// The UUID.
    fn uuid(self) -> Uuid;

    /// A new one; ids made later sort later.
    #[must_use]
    fn new(now: Timestamp) -> Self {
        Self::from_uuid(clock::new_id(now))
    }

    /// `organizations/{organization}/{collection}/{uuid}`.
    fn name(self, organization: &str) -> String {
        format!("organizations/{organization}/{}/{}", Self::COLLECTION, self.uuid())
    }

    /// The id in a name, whoever's it is.
    ///
    /// # Errors
    /// What is wrong with the name.
    fn parse(name: &str) -> Result<(&str, Self), Text> {
        let [organization, id] = parse::name(name, ["organizations", Self::COLLECTION])?;
        Ok((organization, Self::from_uuid(parse::uuid(id)?)))
    }

    /// The id in the name that a caller gave in `field`.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is no such name, [`Error::NotFound`] when it is of another organisation than the
    /// caller's: the answer does not tell whether it exists there.
    fn of(caller: &Caller, field: &str, name: &str) -> Result<Self, Error> {
        let (organization, id) = Self::parse(name).map_err(|fault| Error::invalid(field, fault))?;
        caller.require_organization(organization, name)?;
        Ok(id)
    }

    /// The same for a field that may be empty.
    ///
    /// # Errors
    /// As [`Id::of`].
    fn optional(caller: &Caller, field: &str, name: &str) -> Result<Option<Self>, Error> {
        if name.is_empty() { Ok(None) } else { Self::of(caller, field, name).map(Some) }
    }
}

/// Declares ids.
macro_rules! ids {
    ($($(#[$doc:meta])+ $name:ident = $collection:literal;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl Id for $name {
            const COLLECTION: &'static str = $collection;

            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            fn uuid(self) -> Uuid {
                self.0
            }
        }
    )+};
}

ids! {
    /// A customer, of intake.
    CustomerId = "customers";
    /// A product, of intake.
    ProductId = "products";
    /// A case, of intake.
    CaseId = "cases";
    /// An engineer, of dispatch.
    EngineerId = "engineers";
    /// An agency, of dispatch.
    AgencyId = "agencies";
    /// A work order, of dispatch.
    WorkOrderId = "workOrders";
    /// Goods that were taken away, of dispatch.
    TakeawayId = "takeaways";
    /// An agreement with a customer, of intake.
    CustomerAgreementId = "customerAgreements";
    /// A card on which a customer rates a call, of evaluation.
    SurveyCardId = "surveyCards";
    /// A report of work, of evaluation.
    WorkReportId = "workReports";
    /// A maintenance plan, of dispatch.
    MaintenancePlanId = "maintenancePlans";
    /// An item, of inventory.
    ItemId = "items";
    /// A place, of inventory.
    PlaceId = "places";
    /// A movement, of inventory.
    MovementId = "movements";
    /// A reservation, of inventory.
    ReservationId = "reservations";
    /// A purchase requisition, of inventory.
    PurchaseRequisitionId = "purchaseRequisitions";
    /// A parts requisition, of inventory.
    PartsRequisitionId = "partsRequisitions";
    /// Something in somebody's custody, of inventory.
    CustodyId = "custodies";
    /// Goods that a customer sends back, of inventory.
    CustomerReturnId = "customerReturns";
    /// A loan slip, of inventory.
    LoanSlipId = "loanSlips";
    /// A slip list, of inventory.
    SlipListId = "slipLists";
    /// A claim, of evaluation.
    ClaimId = "claims";
    /// A finding, of evaluation.
    FindingId = "findings";
    /// An entry of the ledger, of evaluation.
    LedgerEntryId = "ledgerEntries";
    /// A duty, of evaluation.
    DutyId = "duties";
    /// A scorecard, of evaluation.
    ScorecardId = "scorecards";
    /// An agreement with a contractor, of evaluation.
    AgreementId = "agreements";
    /// An incident under an agreement, of evaluation.
    IncidentId = "incidents";
    /// The settlement of a period of an agreement, of evaluation.
    SettlementId = "settlements";
    /// A volume of records, of evaluation.
    VolumeId = "volumes";
    /// An appointment of a person, of evaluation.
    AppointmentId = "appointments";
    /// A goal sheet, of evaluation.
    GoalSheetId = "goalSheets";
    /// An entry of figures, of evaluation.
    FigureEntryId = "figureEntries";
    /// A card that a person was shown, of evaluation.
    CardId = "cards";
    /// A share of performance pay, of evaluation.
    PerformancePayId = "performancePays";
    /// A loss, of evaluation.
    LossId = "losses";
    /// A deduction from a bonus, of evaluation.
    BonusDeductionId = "bonusDeductions";
    /// The income of a year, of evaluation.
    AnnualIncomeId = "annualIncomes";
}

/// The id in `organizations/{org}`, which must be the caller's.
///
/// # Errors
/// [`Error::Invalid`] when it is no such name, [`Error::NotFound`] when it is another organisation's.
pub fn organization<'a>(caller: &Caller, field: &str, name: &'a str) -> Result<&'a str, Error> {
    let [organization] = parse::name(name, ["organizations"]).map_err(|fault| Error::invalid(field, fault))?;
    caller.require_organization(organization, name)?;
    Ok(organization)
}

/// The ids in the name of a child such as `{workOrder}/quotes/{uuid}`.
///
/// # Errors
/// As [`Id::of`].
pub fn child<P: Id>(caller: &Caller, field: &str, name: &str, collection: &str) -> Result<(P, Uuid), Error> {
    let [organization, parent, child] = parse::name(name, ["organizations", P::COLLECTION, collection])
        .map_err(|fault| Error::invalid(field, fault))?;
    let uuids = parse::uuid(parent).and_then(|parent| Ok((parent, parse::uuid(child)?)));
    let (parent, child) = uuids.map_err(|fault| Error::invalid(field, fault))?;
    caller.require_organization(organization, name)?;
    Ok((P::from_uuid(parent), child))
}
