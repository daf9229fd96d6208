//! The services that share the database.

/// One of the four services: what is its own in the database follows from its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Takes cases in.
    Intake,
    /// Sends people out.
    Dispatch,
    /// Keeps parts and tools.
    Inventory,
    /// Judges and settles.
    Evaluation,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Intake, Self::Dispatch, Self::Inventory, Self::Evaluation];

    /// The schema that holds its tables; also its name wherever one is needed.
    #[must_use]
    pub const fn schema(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Dispatch => "dispatch",
            Self::Inventory => "inventory",
            Self::Evaluation => "evaluation",
        }
    }

    /// The role it logs in as. Not called like the schema: `"$user"` in a search path would then find that schema, and
    /// a migration run as that role would look for its table in another place than the run before.
    #[must_use]
    pub const fn role(self) -> &'static str {
        match self {
            Self::Intake => "svc_intake",
            Self::Dispatch => "svc_dispatch",
            Self::Inventory => "svc_inventory",
            Self::Evaluation => "svc_evaluation",
        }
    }

    /// The channel on which new events are announced.
    pub(crate) const fn channel(self) -> &'static str {
        match self {
            Self::Intake => "intake_event",
            Self::Dispatch => "dispatch_event",
            Self::Inventory => "inventory_event",
            Self::Evaluation => "evaluation_event",
        }
    }
}
