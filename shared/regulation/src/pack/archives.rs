//! Records that are bound into volumes and archived.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Id;
use crate::calendar::Period;

/// How what is kept is bound into volumes, one for each period, and handed over to whoever archives it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The period of a volume.
    pub period: Period,
    /// The roles that bind it.
    pub by: Vec<Id>,
    /// The roles that take it over, keep it, and destroy it when its term is over.
    pub to: Vec<Id>,
    /// The routine that asks for it each period; it is done for the period with the volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routine: Option<Id>,
}
