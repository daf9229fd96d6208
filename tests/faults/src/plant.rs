//! Mistakes that are planted to see that a run finds them: a run that finds none proves nothing.

use anyhow::Result;
use callout_fleet::Fleet;
use callout_journal::Service;
use clap::ValueEnum;
use sqlx::AssertSqlSafe;

/// The environment variable by which a process is told where to die and which mistakes to make.
pub const FAILPOINTS: &str = "FAILPOINTS";

/// A mistake that somebody might have made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mistake {
    /// An event has its effect for everybody who reads it, whoever dealt with it before.
    Fence,
    /// The feed is read as far as it is written, without waiting for older transactions to end.
    Feed,
    /// A request is carried out without its id.
    Key,
}

impl Mistake {
    /// The point that a process with the feature `faults` looks at; none where the mistake lies in the database.
    pub const fn point(self) -> Option<&'static str> {
        match self {
            Self::Fence => Some("effect-without-fence=return"),
            Self::Key => Some("request-without-key=return"),
            Self::Feed => None,
        }
    }

    /// Plants what lies in the database.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn plant(self, fleet: &Fleet) -> Result<()> {
        if self != Self::Feed {
            return Ok(());
        }
        let mut superuser = fleet.superuser().await?;
        for service in Service::ALL {
            let schema = AssertSqlSafe(format!("set search_path to {}", service.schema()));
            sqlx::query(schema).execute(&mut superuser).await?;
            let page: String = sqlx::query_scalar("select pg_get_functiondef(($1 || '.read_feed_of_all')::regproc)")
                .bind(service.schema())
                .fetch_one(&mut superuser)
                .await?;
            let hasty = page.replace("and event.xid < readable", "");
            anyhow::ensure!(hasty != page, "read_feed_of_all of {} does not wait as it did", service.schema());
            sqlx::query(AssertSqlSafe(hasty)).execute(&mut superuser).await?;
        }
        Ok(())
    }
}
