//! A past period, judged by another regulation than the one that it was judged by. Nothing is written.
//!
//! What a decision looks at stays what it is; only the regulation is another one. Both sides are decided anew by the same
//! code, so that whatever differs is the regulation's doing, and what the other one needs and is not known is said.

mod difference;
mod limits;
mod request;

use std::{collections::BTreeMap, sync::Arc};

use callout_contract::types::v1 as pb;
use callout_journal::TenantTx;
use callout_kit::{Caller, Error};
use callout_regulation::Regulation;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{Service, Subject, Worker, boxed, host::Work, ids};

pub use difference::{About, Judged, Judgements, due, explained};

/// How many are looked at in one transaction.
pub const PAGE: i64 = 100;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// The regulation by which it is judged instead.
    pub other: Arc<Regulation>,
    /// The first instant of the period.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

/// Where to look next: what of the period is judged, in the order of ids.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// What is looked at, one of the service's [`Service::REHEARSED`].
    pub kind: &'static str,
    /// Those whose ids come after this one.
    pub after: Uuid,
}

/// What a service looked at.
#[derive(Debug, Default)]
pub struct Looked {
    last: Option<Uuid>,
    count: i32,
    differences: Vec<pb::Difference>,
}

impl Looked {
    /// Adds something that was looked at, with what comes out otherwise about it.
    pub fn at(&mut self, id: Uuid, differences: Vec<pb::Difference>) {
        self.last = Some(id);
        self.count += 1;
        self.differences.extend(differences);
    }
}

impl Rehearsal {
    /// The id before all those that were made in the period.
    #[must_use]
    pub fn before_first(&self) -> Uuid {
        Uuid::from_u128(lowest_id(self.from).saturating_sub(1))
    }

    /// The id before which all are that were made in the period.
    #[must_use]
    pub fn end(&self) -> Uuid {
        Uuid::from_u128(lowest_id(self.to))
    }

    /// The last instant of the period.
    #[must_use]
    pub fn last(&self) -> Timestamp {
        self.to.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(self.to)
    }

    /// A subject as it would be under the other regulation.
    #[must_use]
    pub fn other(&self, subject: &Subject) -> Subject {
        Subject { regulation: Arc::clone(&self.other), ..subject.clone() }
    }
}

/// The lowest id that can be made at an instant: ids begin with its milliseconds.
fn lowest_id(at: Timestamp) -> u128 {
    u128::try_from(at.as_millisecond()).unwrap_or_default() << 80
}

impl<S: Service> Worker<S> {
    /// Streams what another regulation makes of a past period.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an organisation that is not the caller's, [`Error::Invalid`] with everything that is wrong
    /// with the request and with the pack in it.
    pub async fn rehearse(
        &self,
        request: Request<pb::RehearseRequest>,
    ) -> Result<Response<stream::BoxStream<'static, Result<pb::RehearseResponse, Status>>>, Status> {
        let caller = Caller::of(&request)?.clone();
        let organization = ids::organization(&caller, "organization", &request.get_ref().organization)?.to_owned();
        let rehearsal = request::read(request.into_inner(), &self.service.host().library).await?;
        let reader = Reader {
            after: rehearsal.before_first(),
            kinds: S::REHEARSED.iter(),
            kind: None,
            service: self.service.clone(),
            caller,
            organization,
            rehearsal,
            looked_at: BTreeMap::new(),
        };
        Ok(Response::new(reader.answers().map(|answer| answer.map_err(Status::from)).boxed()))
    }
}

/// Goes through everything of the period.
struct Reader<S> {
    service: S,
    caller: Caller,
    organization: String,
    rehearsal: Rehearsal,
    kinds: std::slice::Iter<'static, &'static str>,
    kind: Option<&'static str>,
    after: Uuid,
    looked_at: BTreeMap<String, i32>,
}

impl<S: Service> Reader<S> {
    fn answers(self) -> impl Stream<Item = Result<pb::RehearseResponse, Error>> + Send {
        stream::try_unfold(Some(self), |reader| async move {
            match reader {
                Some(reader) => reader.next().await.map(Some),
                None => Ok(None),
            }
        })
        .map_ok(|said| stream::iter(said).map(|said| Ok(pb::RehearseResponse { said: Some(said) })))
        .try_flatten()
    }

    /// What is said next, and who reads on; nobody at the end.
    async fn next(mut self) -> Result<(Vec<pb::rehearse_response::Said>, Option<Self>), Error> {
        use pb::rehearse_response::Said;
        let Some(kind) = self.kind.or_else(|| self.kinds.next().copied()) else {
            return Ok((vec![Said::Sum(pb::RehearsalSum { looked_at: self.looked_at })], None));
        };
        let Looked { last, count, differences } = self.look(Place { kind, after: self.after }).await?;
        *self.looked_at.entry(kind.to_owned()).or_default() += count;
        (self.kind, self.after) = match last {
            Some(last) => (Some(kind), last),
            None => (None, self.rehearsal.before_first()),
        };
        Ok((differences.into_iter().map(Said::Difference).collect(), Some(self)))
    }

    async fn look(&self, place: Place) -> Result<Looked, Error> {
        let (service, rehearsal) = (self.service.clone(), self.rehearsal.clone());
        let look = boxed(move |tx: &mut TenantTx| {
            let (service, rehearsal) = (service.clone(), rehearsal.clone());
            Box::pin(async move { service.rehearse(tx, &rehearsal, place).await }) as Work<'_, Looked>
        });
        self.service.host().journal.read(&self.caller, &self.organization, look).await
    }
}

#[cfg(test)]
mod tests {
    use callout_kit::clock;

    use super::*;

    #[test]
    fn ids_of_the_period_lie_between_its_ends() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let library = callout_regulation::Library::built_in().unwrap();
        let rehearsal = Rehearsal {
            other: Arc::clone(library.iter().next().unwrap()),
            from: at("2026-03-01T00:00:00Z"),
            to: at("2026-04-01T00:00:00Z"),
        };
        let is_in = |made_at: &str| {
            let id = clock::new_id(at(made_at));
            rehearsal.before_first() < id && id < rehearsal.end()
        };
        assert!(!is_in("2026-02-28T23:59:59.999Z"));
        assert!(is_in("2026-03-01T00:00:00Z"));
        assert!(is_in("2026-03-31T23:59:59.999Z"));
        assert!(!is_in("2026-04-01T00:00:00Z"));
    }
}
