//! A transaction for one organisation.

use std::{
    any::Any,
    collections::BTreeSet,
    sync::{Arc, OnceLock},
    time::Duration,
};

use callout_kit::{
    Caller, Error, attributes, deadline,
    metrics::{Attribute, Counter, Histogram, Measurement},
};
use jiff::{SignedDuration, Timestamp};
use sqlx::{PgConnection, Postgres, Transaction};
use uuid::Uuid;

use crate::{Clock, DatabaseResult as _, Journal, Organization, Service, closing::Closing, faults, numbers::Dispenser};

/// How long a statement may take when nobody set a deadline.
const STATEMENT_LIMIT: Duration = Duration::from_secs(30);

/// Sees all tables of the service's schema, and in them the rows of one organisation.
#[derive(Debug)]
pub struct TenantTx {
    transaction: Transaction<'static, Postgres>,
    writes: bool,
    journal: Journal,
    id: String,
    organization: Option<Organization>,
    /// The document of the organisation as the service reads it, once somebody did.
    read: OnceLock<Arc<dyn Any + Send + Sync>>,
    now: Timestamp,
    closing: Closing,
    /// Events of effects that are over.
    told_before: usize,
    subject: Option<Subject>,
    /// Waits for the commit.
    measured: Vec<Measurement>,
}

/// What the audit entry of a transaction is about.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub resource: String,
    pub occurred_at: Timestamp,
}

/// The request id that a transaction claims.
pub(crate) struct Claim<'a> {
    pub request_id: Uuid,
    pub method: &'a str,
    pub fingerprint: &'a [u8],
}

/// A request that was carried out before under the claimed id.
pub(crate) struct Seen {
    pub fingerprint: Vec<u8>,
    pub answer: Option<Vec<u8>>,
}

/// How the transaction treats what others do meanwhile; see the isolation section of the crate.
#[derive(Clone, Copy)]
pub(crate) enum Access {
    Read,
    Write,
}

type Opened =
    (Option<String>, Option<jiff_sqlx::Timestamp>, Option<Vec<u8>>, Option<i64>, Option<Vec<u8>>, Option<Vec<u8>>);

impl TenantTx {
    /// Begins a transaction for `organization`, and claims a request id in the same round trip.
    pub(crate) async fn open(
        journal: &Journal,
        access: Access,
        caller: &Caller,
        organization: &str,
        claim: Option<Claim<'_>>,
    ) -> Result<(Self, Option<Seen>), Error> {
        // The layers above have checked it; a mistake there must not become a look at somebody else's rows.
        let for_all = caller.organization == Caller::EVERY_ORGANIZATION;
        if organization.is_empty() || !(for_all || caller.organization == organization) {
            return Err(Error::NotFound { name: format!("organizations/{organization}") });
        }
        let limit = deadline::remaining().map_or(STATEMENT_LIMIT, |left| left.min(STATEMENT_LIMIT));
        if limit.is_zero() {
            return Err(Error::DeadlineExceeded);
        }
        let mut transaction = journal.begin(access).await?;
        let claim = claim.as_ref().filter(|_| !faults::planted(faults::REQUEST_WITHOUT_KEY));
        let (mode, clock_at, document, version, fingerprint, answer): Opened =
            sqlx::query_as("select * from open_transaction($1, $2, $3, $4, $5, $6)")
                .bind(organization)
                .bind(caller.agency.as_deref())
                // Zero would mean no limit at all.
                .bind(i64::try_from(limit.as_millis()).unwrap_or(i64::MAX).max(1))
                .bind(claim.map(|claim| claim.request_id))
                .bind(claim.map(|claim| claim.method))
                .bind(claim.map(|claim| claim.fingerprint))
                .fetch_one(&mut *transaction)
                .await
                .db()?;
        let known = match (mode, document, version) {
            (Some(_), Some(document), Some(version)) => {
                Some(Organization { id: organization.to_owned(), clock: Clock::of(clock_at), document, version })
            }
            _ => None,
        };
        let tx = Self {
            transaction,
            writes: matches!(access, Access::Write),
            journal: journal.clone(),
            id: organization.to_owned(),
            now: known.as_ref().map_or(Clock::Live, |known| known.clock).now(),
            organization: known,
            read: OnceLock::new(),
            closing: Closing::default(),
            told_before: 0,
            subject: None,
            measured: Vec::new(),
        };
        Ok((tx, fingerprint.map(|fingerprint| Seen { fingerprint, answer })))
    }

    /// The connection, for the statements of a store.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// The time in the organisation: the system's for a live one, its own clock's for a sandbox. It stands still for the
    /// length of the transaction.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The id of the organisation, the `{org}` of `organizations/{org}`, whether or not this service knows it.
    #[must_use]
    pub fn organization_id(&self) -> &str {
        &self.id
    }

    /// The organisation.
    ///
    /// # Errors
    /// [`Error::NotFound`] while this service has not heard of it.
    pub fn organization(&self) -> Result<&Organization, Error> {
        self.organization.as_ref().ok_or_else(|| Error::NotFound { name: format!("organizations/{}", self.id) })
    }

    /// The document of the organisation as `read` reads it, once in a transaction: each call is to read it in the same way.
    ///
    /// # Errors
    /// Those of [`Self::organization`] and of `read`.
    pub fn document<T: Any + Send + Sync>(
        &self,
        read: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<Arc<T>, Error> {
        if let Some(document) = self.read.get().and_then(|document| Arc::clone(document).downcast().ok()) {
            return Ok(document);
        }
        let document = Arc::new(read(&self.organization()?.document)?);
        let kept: Arc<dyn Any + Send + Sync> = document.clone();
        // Somebody who read it otherwise has come first.
        let _ = self.read.set(kept);
        Ok(document)
    }

    /// The service whose schema this is.
    #[must_use]
    pub fn service(&self) -> Service {
        self.journal.service()
    }

    /// Says what the audit entry is about when the request could not: the name of a resource that was just made, the
    /// time at which a reported thing happened.
    pub fn audit_as(&mut self, resource: impl Into<String>, occurred_at: Timestamp) {
        self.subject = Some(Subject { resource: resource.into(), occurred_at });
    }

    /// Counts something that happens in this transaction, once it has committed.
    pub fn count(&mut self, counter: Counter, attributes: impl IntoIterator<Item = Attribute>) {
        let attributes = self.labelled(attributes);
        self.measured.push(Measurement::Happened(counter, attributes));
    }

    /// Measures how long something took that is over with this transaction, once it has committed.
    pub fn time(
        &mut self,
        histogram: Histogram,
        took: SignedDuration,
        attributes: impl IntoIterator<Item = Attribute>,
    ) {
        let attributes = self.labelled(attributes);
        self.measured.push(Measurement::Took(histogram, took.unsigned_abs(), attributes));
    }

    /// Counts something that ends this transaction, whether or not anything is committed.
    pub fn count_now(&self, counter: Counter, attributes: impl IntoIterator<Item = Attribute>) {
        self.journal.metrics().measure(Measurement::Happened(counter, self.labelled(attributes)));
    }

    fn labelled(&self, attributes: impl IntoIterator<Item = Attribute>) -> Vec<Attribute> {
        let clock = self.organization.as_ref().map_or(Clock::Live, |organization| organization.clock);
        attributes.into_iter().chain([(attributes::MODE, clock.mode().to_lowercase().into())]).collect()
    }

    /// What the audit entry is about, `resource` and now unless somebody knew better.
    pub(crate) fn subject(&self, resource: &str) -> Subject {
        self.subject.clone().unwrap_or_else(|| Subject { resource: resource.to_owned(), occurred_at: self.now })
    }

    /// Goes by an organisation that was just written.
    pub(crate) fn adopt(&mut self, organization: Organization) {
        if let Clock::Sandbox { now } = organization.clock {
            self.now = now;
        }
        self.organization = Some(organization);
        self.read = OnceLock::new();
    }

    pub(crate) fn numbers(&self) -> &Arc<Dispenser> {
        self.journal.numbers()
    }

    /// What is written at the end.
    pub(crate) fn closing(&mut self) -> &mut Closing {
        &mut self.closing
    }

    /// Begins another effect in this transaction: what was said of the one before is said.
    pub(crate) fn begin_effect(&mut self) {
        self.subject = None;
        self.told_before = self.closing.events.len();
    }

    /// Whether anything happened in this effect that others are told.
    pub(crate) fn has_events(&self) -> bool {
        self.closing.events.len() > self.told_before
    }

    /// Commits when the work succeeded; else rolls back before anybody hears of the failure, so that who tries again does
    /// not meet the locks of this try.
    pub(crate) async fn end<A>(mut self, result: Result<A, Error>) -> Result<A, Error> {
        let mut told = BTreeSet::new();
        let closed = match result {
            Ok(answer) => {
                let closing = std::mem::take(&mut self.closing);
                told.extend(closing.events.iter().map(|event| event.kind.clone()));
                closing.write(&mut self.transaction, self.now).await.map(|()| answer)
            }
            Err(error) => Err(error),
        };
        match closed {
            Ok(answer) => {
                if self.writes {
                    faults::die_at(faults::BEFORE_COMMIT);
                }
                self.transaction.commit().await.db()?;
                if self.writes {
                    faults::die_at(faults::AFTER_COMMIT);
                }
                self.journal.wakeup().announce(told);
                self.measured.into_iter().for_each(|measurement| self.journal.metrics().measure(measurement));
                Ok(answer)
            }
            Err(error) => {
                if let Err(lost) = self.transaction.rollback().await {
                    tracing::debug!(error = %lost, "the connection was lost, and the transaction with it");
                }
                Err(error)
            }
        }
    }
}
