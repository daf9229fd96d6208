use callout_contract::types::v1::Record;
use callout_journal::{TenantTx, numbers};
use callout_kit::Error;
use futures::future::join_all;
use jiff::civil::date;

use crate::support::*;

/// Takes a number in a command of its own and answers with it; some commands fail after they took it.
async fn number(suite: &Suite, organization: &str, kind: &'static str, month: i8, fails: bool) -> Result<i64, Error> {
    let take = async move |tx: &mut TenantTx| {
        let number = numbers::next(tx, kind, date(2026, month, 17)).await?;
        if fails {
            return Err(Error::ClockFixed { organization: tx.organization_id().to_owned() });
        }
        Ok(request(&number.to_string()))
    };
    let answer: Record = suite
        .intake
        .command(&caller(organization), command(organization, &new_request_id()), &request(kind), take)
        .await?;
    Ok(answer.note.parse().unwrap())
}

#[tokio::test]
async fn numbers_have_no_gaps_although_commands_come_at_once_and_some_fail() {
    let suite = Suite::start().await;
    let taken = join_all((0..30).map(|nth| number(&suite, ACME, "case", 3, nth % 3 == 0))).await;
    let mut taken: Vec<_> = taken.into_iter().filter_map(Result::ok).collect();
    taken.sort_unstable();
    assert_eq!(taken, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn each_organisation_kind_and_month_counts_for_itself() {
    let suite = Suite::start().await;
    assert_eq!(number(&suite, ACME, "case", 3, false).await.unwrap(), 1);
    assert_eq!(number(&suite, ACME, "case", 3, false).await.unwrap(), 2);
    assert_eq!(number(&suite, ACME, "case", 4, false).await.unwrap(), 1);
    assert_eq!(number(&suite, ACME, "slip", 3, false).await.unwrap(), 1);
    assert_eq!(number(&suite, OTHER, "case", 3, false).await.unwrap(), 1);
}
