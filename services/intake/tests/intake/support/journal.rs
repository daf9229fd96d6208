//! What intake has in its schema, past its code.

use callout_journal::Service;
use jiff::Timestamp;
use prost::Name;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::{
    LAB,
    suite::{PASSWORD, Suite},
};

impl Suite {
    /// The types of the events about a resource, in order.
    pub async fn events(&self, subject: &str) -> Vec<String> {
        let types = "select substring(type from '[^.]*$') from intake.event where subject = $1 order by xid, position";
        sqlx::query_scalar(types).bind(subject).fetch_all(&self.superuser).await.unwrap()
    }

    /// The events of one type, in order, and when they say that it happened.
    pub async fn told<M: Name + Default>(&self) -> Vec<(M, Timestamp)> {
        let rows: Vec<(Vec<u8>, jiff_sqlx::Timestamp)> =
            sqlx::query_as("select payload, occurred_at from intake.event where type = $1 order by xid, position")
                .bind(M::full_name())
                .fetch_all(&self.superuser)
                .await
                .unwrap();
        let decode =
            |(payload, at): (Vec<u8>, jiff_sqlx::Timestamp)| (M::decode(payload.as_slice()).unwrap(), at.to_jiff());
        rows.into_iter().map(decode).collect()
    }

    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.superuser).await.unwrap()
    }

    /// A connection as the service's own role has it, for what gets past the code; of nobody's organisation yet.
    pub async fn service_role(&self) -> PgConnection {
        let options = self.database.options().clone().username(Service::Intake.role()).password(PASSWORD);
        options.connect().await.unwrap()
    }

    /// The constraint, or else the SQLSTATE, by which the database refuses a statement of the service's own role; none
    /// when it carries it out.
    pub async fn refusal_of(&self, statement: &'static str) -> Option<String> {
        let mut service = self.service_role().await;
        let of_the_lab = "select set_config('app.organization', $1, false)";
        sqlx::query(of_the_lab).bind(LAB).execute(&mut service).await.unwrap();
        let outcome = sqlx::query(statement).execute(&mut service).await;
        service.close().await.unwrap();
        let error = outcome.err()?;
        let error = error.as_database_error().unwrap();
        Some(error.constraint().map_or_else(|| error.code().unwrap().into_owned(), str::to_owned))
    }
}
