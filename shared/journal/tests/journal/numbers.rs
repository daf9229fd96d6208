use std::collections::BTreeSet;

use callout_contract::types::v1::Record;
use callout_journal::{TenantTx, numbers};
use callout_kit::Error;
use futures::future::join_all;
use jiff::civil::date;

use crate::support::*;

/// How a number is taken.
#[derive(Clone, Copy)]
enum How {
    Next,
    Draw,
}

/// Takes a number in a command of its own and answers with it; some commands fail after they took it.
async fn number(
    suite: &Suite,
    how: How,
    organization: &str,
    (kind, month): (&'static str, i8),
    fails: bool,
) -> Result<i64, Error> {
    let take = async move |tx: &mut TenantTx| {
        let on = date(2026, month, 17);
        let number = match how {
            How::Next => numbers::next(tx, kind, on).await?,
            How::Draw => numbers::draw(tx, kind, on).await?,
        };
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
async fn numbers_of_a_register_have_no_gaps_although_commands_come_at_once_and_some_fail() {
    let suite = Suite::start().await;
    let taken = join_all((0..30).map(|nth| number(&suite, How::Next, ACME, ("case", 3), nth % 3 == 0))).await;
    let mut taken: Vec<_> = taken.into_iter().filter_map(Result::ok).collect();
    taken.sort_unstable();
    assert_eq!(taken, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn numbers_that_are_drawn_at_once_are_all_different_and_leave_a_gap_where_a_command_failed() {
    let suite = Suite::start().await;
    let drawn = join_all((0..30).map(|nth| number(&suite, How::Draw, ACME, ("case", 3), nth % 3 == 0))).await;
    let drawn: BTreeSet<_> = drawn.into_iter().filter_map(Result::ok).collect();
    assert_eq!(drawn.len(), 20);
    assert!(drawn.iter().all(|number| (1..=30).contains(number)), "{drawn:?}");
    assert_eq!(number(&suite, How::Draw, ACME, ("case", 3), false).await.unwrap(), 31);
}

#[tokio::test]
async fn nobody_who_draws_a_number_waits_for_the_commit_of_another() {
    let suite = Suite::start().await;
    let second = suite.intake.clone();
    let first = async move |tx: &mut TenantTx| {
        assert_eq!(numbers::draw(tx, "case", date(2026, 3, 17)).await?, 1);
        let draw = async |tx: &mut TenantTx| {
            let number = numbers::draw(tx, "case", date(2026, 3, 17)).await?;
            Ok(request(&number.to_string()))
        };
        let request_id = new_request_id();
        soon(Box::pin(second.command(&caller(ACME), command(ACME, &request_id), &request(""), draw))).await
    };
    let request_id = new_request_id();
    let answer = suite.intake.command(&caller(ACME), command(ACME, &request_id), &request(""), first).await.unwrap();
    assert_eq!(answer.note, "2");
}

#[tokio::test]
async fn each_organisation_kind_and_month_counts_for_itself() {
    let suite = Suite::start().await;
    for how in [How::Next, How::Draw] {
        let word = match how {
            How::Next => "register",
            How::Draw => "case",
        };
        assert_eq!(number(&suite, how, ACME, (word, 3), false).await.unwrap(), 1);
        assert_eq!(number(&suite, how, ACME, (word, 3), false).await.unwrap(), 2);
        assert_eq!(number(&suite, how, ACME, (word, 4), false).await.unwrap(), 1);
        assert_eq!(number(&suite, how, ACME, ("another", if word == "case" { 5 } else { 6 }), false).await.unwrap(), 1);
        assert_eq!(number(&suite, how, OTHER, (word, 3), false).await.unwrap(), 1);
    }
}
