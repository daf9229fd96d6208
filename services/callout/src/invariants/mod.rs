//! What must always hold, looked up in the database: whatever calls, replicas, crashes and clocks did before, these
//! questions find nothing.
//!
//! Most of it the database keeps by itself, by constraints. It is asked all the same: a constraint says nothing of what two
//! services know of each other, and one that a migration drops is missed by nobody.

mod effects;
mod stock;
mod tenancy;
mod work;

use anyhow::{Result, ensure};
use callout_contract::{policy, types::v1::method_policy::Audit};
use callout_journal::Service;
use sqlx::{AssertSqlSafe, PgConnection};

/// When something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At every moment.
    Always,
    /// When nothing is under way: calls have been answered, and the services have dealt with what they told one another.
    AtRest,
}

/// Whom something is said of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// The suite as a whole.
    Suite,
    /// Each service: `{service}` is its schema, `$1` the methods whose effects are audited.
    EachService,
    /// Each service and each whose feed it follows, `{upstream}`; `$1` are the types of event that it asks for.
    EachFollower,
}

/// Something that must hold.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// What it is called.
    pub name: &'static str,
    /// What it says.
    pub says: &'static str,
    /// When it holds.
    pub when: When,
    of: Of,
    /// Finds what goes against it: the organisation, the subject, and what is wrong.
    violations: &'static str,
}

/// Something that goes against an invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The invariant's name.
    pub invariant: &'static str,
    /// The organisation's id; empty where it is about none.
    pub organization: String,
    /// What it is about, such as `workOrders/{uuid}`.
    pub subject: String,
    /// What is wrong.
    pub what: String,
}

/// Every invariant, in the order in which a person would ask.
pub fn all() -> impl Iterator<Item = &'static Invariant> {
    work::ALL.iter().chain(stock::ALL).chain(effects::ALL).chain(tenancy::ALL)
}

/// Finds everything that goes against what must always hold; with `at_rest` also what must hold when nothing is under way.
///
/// # Errors
/// When the database cannot be asked, or `connection` does not see the rows of all organisations.
pub async fn check(connection: &mut PgConnection, at_rest: bool) -> Result<Vec<Violation>> {
    let unbound: bool =
        sqlx::query_scalar("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
            .fetch_one(&mut *connection)
            .await?;
    ensure!(unbound, "the role is bound by row level security: it would find nothing, whatever is wrong");
    let mut found = Vec::new();
    for invariant in all().filter(|invariant| at_rest || invariant.when == When::Always) {
        found.extend(violations(connection, invariant).await?);
    }
    Ok(found)
}

/// Finds what goes against one invariant.
///
/// # Errors
/// When the database cannot be asked.
pub async fn violations(connection: &mut PgConnection, invariant: &Invariant) -> Result<Vec<Violation>> {
    let mut found = Vec::new();
    for (statement, words) in questions(invariant) {
        let rows: Vec<(String, String, String)> =
            sqlx::query_as(AssertSqlSafe(statement)).bind(words).fetch_all(&mut *connection).await?;
        let name = invariant.name;
        found.extend(rows.into_iter().map(|(organization, subject, what)| Violation {
            invariant: name,
            organization,
            subject,
            what,
        }));
    }
    Ok(found)
}

/// The statements that ask for an invariant, each with its words.
fn questions(invariant: &Invariant) -> Vec<(String, Vec<String>)> {
    match invariant.of {
        // A parameter has to be used to have a type.
        Of::Suite => {
            vec![(format!("select * from ({}) v where $1::text[] is not null", invariant.violations), Vec::new())]
        }
        Of::EachService => {
            let audited = |audit: Audit| matches!(audit, Audit::Change | Audit::Sensitive);
            let methods = policy::all().filter(|(_, policy)| audited(policy.audit())).map(|(path, _)| path.to_owned());
            let methods: Vec<_> = methods.collect();
            let ask = |service: Service| (invariant.violations.replace("{service}", service.schema()), methods.clone());
            Service::ALL.map(ask).to_vec()
        }
        Of::EachFollower => followers()
            .into_iter()
            .map(|(service, upstream, types)| {
                let statement = invariant.violations.replace("{service}", service.schema());
                (statement.replace("{upstream}", upstream.schema()), types)
            })
            .collect(),
    }
}

/// Who follows whom, and for which events.
fn followers() -> Vec<(Service, Service, Vec<String>)> {
    fn of<S: callout_casework::Service>() -> impl Iterator<Item = (Service, Service, Vec<String>)> {
        callout_casework::follows::<S>().map(|(upstream, types)| (S::SERVICE, upstream, types))
    }
    of::<callout_intake::Intake>()
        .chain(of::<callout_dispatch::Dispatch>())
        .chain(of::<callout_inventory::Inventory>())
        .chain(of::<callout_evaluation::Evaluation>())
        .collect()
}
