use std::collections::BTreeMap;

use callout_contract::types::v1::Record;
use callout_journal::{
    TenantTx,
    settling::{self, Standing},
};
use callout_kit::Error;

use crate::support::*;

/// The type of all events of these tests.
const NEWS: &str = "callout.types.v1.Milestone";

/// So many of them.
fn told(number: i64) -> BTreeMap<String, i64> {
    BTreeMap::from([(NEWS.to_owned(), number)])
}

#[tokio::test]
async fn a_service_says_how_much_it_has_told_of_each_organisation() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "theirs").await;
    record(&suite.intake, LAB, "ours").await;
    record(&suite.intake, LAB, "ours too").await;
    assert_eq!(settling::standing(&suite.intake, LAB).await.unwrap().told, told(2));
    assert_eq!(settling::standing(&suite.dispatch, LAB).await.unwrap(), Standing::default());
    assert_eq!(settling::standing(&suite.intake, "nobody-yet").await.unwrap(), Standing::default());
}

#[tokio::test]
async fn what_was_dealt_with_is_behind_nobody_until_more_is_told() {
    let suite = Suite::start().await;
    let standing = settling::standing(&suite.dispatch, LAB).await.unwrap();
    assert_eq!((standing.behind(NEWS, 0), standing.behind(NEWS, 2)), (0, 2));
    let noted = settling::note(&suite.dispatch, LAB, &told(2)).await.unwrap();
    assert_eq!((noted.behind(NEWS, 2), noted.behind(NEWS, 3)), (0, 1));
    assert_eq!(noted.behind("callout.types.v1.Rest", 2), 2, "of another type it has dealt with nothing");
    assert_eq!(settling::standing(&suite.dispatch, LAB).await.unwrap(), noted);
    assert_eq!(settling::standing(&suite.dispatch, ACME).await.unwrap().behind(NEWS, 2), 2);
    // One who settled at the same time, and had heard of less.
    assert_eq!(settling::note(&suite.dispatch, LAB, &told(1)).await.unwrap(), noted);
}

#[tokio::test]
async fn what_an_older_transaction_tells_late_is_counted_too() {
    let suite = Suite::start().await;
    let intake = suite.intake.clone();
    let late = async move |tx: &mut TenantTx| {
        // It has its place in the feed by its first write, and what comes after it is dealt with before it commits.
        tell(tx, "older");
        record(&intake, LAB, "younger").await;
        let told = settling::standing(&intake, LAB).await?.told;
        settling::note(&intake, LAB, &told).await?;
        Ok(Record::default())
    };
    let request_id = new_request_id();
    suite.intake.command(&caller(LAB), command(LAB, &request_id), &Record::default(), late).await.unwrap();
    let after = settling::standing(&suite.intake, LAB).await.unwrap();
    assert_eq!((after.behind(NEWS, after.told[NEWS]), after.told), (1, told(2)));
}

#[tokio::test]
async fn who_cannot_reach_the_database_is_told_to_come_again() {
    let suite = Suite::start().await;
    suite.dispatch.close().await;
    let noted = settling::note(&suite.dispatch, LAB, &told(1)).await;
    assert!(matches!(noted, Err(Error::Busy { .. })), "{noted:?}");
    let standing = settling::standing(&suite.dispatch, LAB).await;
    assert!(matches!(standing, Err(Error::Busy { .. })), "{standing:?}");
}
