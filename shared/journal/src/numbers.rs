//! Numbers of documents: in sequence for each organisation, kind of document and month.

use callout_kit::Error;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;

use crate::{DatabaseResult as _, TenantTx};

/// The next number for documents of `kind` in the month of `on`, from 1.
///
/// Without gaps: a command that is rolled back gives its number back. The price is that the commands of one organisation
/// that number the same kind of document go one after another, from here to their commit; so take the number last.
/// Other organisations, kinds and months are not held up.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn next(tx: &mut TenantTx, kind: &str, on: Date) -> Result<i64, Error> {
    sqlx::query_scalar(
        "insert into document_number (organization, kind, month, last) values ($1, $2, $3, 1)
             on conflict (organization, kind, month) do update set last = document_number.last + 1
         returning last",
    )
    .bind(tx.organization_id().to_owned())
    .bind(kind)
    .bind(on.first_of_month().to_sqlx())
    .fetch_one(tx.conn())
    .await
    .db()
}
