//! Rows by the million, made by the superuser out of one case that went through the suite.

use anyhow::{Context as _, Result};
use callout_contract::intake::v1::SolveCaseRequest;
use callout_fleet::{Fleet, founding::request_id};
use sqlx::PgConnection;

use crate::world::Organization;

/// Rows made by one statement.
const AT_ONCE: u64 = 500_000;

/// Of so many of the latest cases all is kept that a case is; those before them, which nobody reads, have an empty document, or
/// ten million would not fit the disk of a small machine.
pub const WHOLE: u64 = 100_000;

/// Cases like one that was solved: the keys ascend in a way that the scripts of the twins know, before all that the suite
/// makes. None is open, as most cases of a large table are not. Those after the third parameter are whole.
const CASES: &str = "
    insert into intake.service_case (organization, case_id, number, product_id, state, received_at, document, version)
    select c.organization, ('00000000000070008' || lpad(to_hex(i), 15, '0'))::uuid, 'B-' || i, c.product_id, c.state,
           c.received_at, case when i > $3 then c.document else '{}' end, c.version
      from generate_series($1, $2) i, intake.service_case c
     where c.organization = 'big' and c.number not like 'B-%' and c.state = 'SOLVED'";

/// The requests that made them. Their ids are as good as random, but come in order, which is much faster.
const REQUESTS: &str = "
    insert into intake.request (organization, request_id, method, fingerprint, answer)
    select 'big', id, '/callout.intake.v1.Cases/CreateCase', sha256('made'), ''
      from (select md5('made' || i)::uuid as id from generate_series($1, $2) i order by 1) ids";

/// What was told of them, long before anything that a service has still to read.
const EVENTS: &str = "
    insert into intake.event (xid, position, event_id, organization, subject, type, payload, traceparent, occurred_at,
                              recorded_at)
    select '3', i, md5('event' || i)::uuid, 'big', 'organizations/big/cases/' || i, 'callout.intake.v1.CaseOfOld', '',
           '', now(), now()
      from generate_series($1::int, $2::int) i";

/// Who made them.
const AUDIT: &str = "
    insert into intake.audit (organization, subject, roles, method, resource, cause, class, occurred_at, recorded_at)
    select 'big', 'lin', array['quality_office'], '/callout.intake.v1.Cases/CreateCase', 'organizations/big/cases/' || i,
           'made', 'CHANGE', now(), now()
      from generate_series($1, $2) i";

/// Fills the organisation `big` up to so many cases, each with the rows that opening it would have left: its request, event and
/// audit entry, which hold less than real ones.
pub struct Bulk {
    connection: PgConnection,
    rows: u64,
}

impl Bulk {
    /// Of an organisation that has just been made; solves one case of it, which all others will be like.
    ///
    /// # Errors
    /// When a call is refused.
    pub async fn of(fleet: &Fleet, big: &Organization) -> Result<Self> {
        let case = big.open_case().await?;
        let request = SolveCaseRequest {
            name: case.name,
            solution: "Told by telephone".to_owned(),
            request_id: request_id(),
            ..SolveCaseRequest::default()
        };
        big.cases(0).solve_case(big.request(request)).await?;
        let mut connection = fleet.superuser().await?;
        // Foreign keys hold: every row has the product of the first one. Not looking it up each time saves hours.
        sqlx::raw_sql("set session_replication_role = replica; set work_mem = '256MB'")
            .execute(&mut connection)
            .await?;
        Ok(Self { connection, rows: 0 })
    }

    /// Makes rows until there are so many.
    ///
    /// # Errors
    /// When the disk is full.
    pub async fn grow(&mut self, rows: u64) -> Result<()> {
        while self.rows < rows {
            let (from, to) = (self.rows + 1, (self.rows + AT_ONCE).min(rows));
            eprintln!("  {to} of {rows} rows are made …");
            let whole_after = i64::try_from(rows.saturating_sub(WHOLE))?;
            let (from, to_row) = (i64::try_from(from)?, i64::try_from(to)?);
            let cases = sqlx::query(CASES).bind(from).bind(to_row).bind(whole_after);
            cases.execute(&mut self.connection).await.context("cases cannot be made")?;
            for statement in [REQUESTS, EVENTS, AUDIT] {
                let rows = sqlx::query(statement).bind(from).bind(to_row);
                rows.execute(&mut self.connection).await.context("rows cannot be made")?;
            }
            self.rows = to;
        }
        for table in ["service_case", "request", "event", "audit"] {
            let vacuum = format!("vacuum (analyze) intake.{table}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(vacuum)).execute(&mut self.connection).await?;
        }
        sqlx::raw_sql("checkpoint").execute(&mut self.connection).await?;
        Ok(())
    }

    /// How many there are.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Makes the page that does not grow.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fix_page(&mut self) -> Result<()> {
        sqlx::raw_sql(
            "insert into twin.page (organization, case_id, document, version)
             select 'big', ('00000000000070008' || lpad(to_hex(i), 15, '0'))::uuid, c.document, c.version
               from generate_series(1, 10000) i, intake.service_case c
              where c.organization = 'big' and c.number not like 'B-%' and c.state = 'SOLVED';",
        )
        .execute(&mut self.connection)
        .await?;
        sqlx::raw_sql("vacuum (analyze) twin.page").execute(&mut self.connection).await?;
        Ok(())
    }
}

/// The name of a case that was made.
pub fn name(row: u64) -> String {
    format!("organizations/big/cases/00000000-0000-7000-8{:03x}-{:012x}", (row >> 48) & 0xfff, row & 0xffff_ffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn the_name_of_a_row_is_the_key_that_its_statement_makes() {
        // '00000000000070008' || lpad(to_hex(255), 15, '0')
        assert_eq!(name(255), "organizations/big/cases/00000000-0000-7000-8000-0000000000ff");
    }
}
