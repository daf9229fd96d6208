//! The register in which a case is entered, and reminders of what is overdue.

use callout_casework::{Subject, day_of};
use callout_contract::{
    intake::v1 as pb,
    regulation::v1::{Explanation, Limit, limit},
};
use callout_journal::{TenantTx, numbers};
use callout_kit::{Error, parse};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Case;

/// Where a case stands in a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The register, of the pack.
    pub register: String,
    /// The number.
    pub number: String,
}

/// Word to whoever answers for a limit that it is overdue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reminded {
    /// The limit.
    pub limit: String,
    /// When it fell due.
    pub due_at: Timestamp,
    /// Who was reminded.
    pub to: String,
    /// When.
    pub at: Timestamp,
    /// By which rule.
    #[serde(with = "callout_casework::message")]
    pub explanation: Explanation,
}

impl Case {
    /// Enters the case in the register that takes it by now, if it is in none.
    ///
    /// # Errors
    /// [`Error::Internal`] when a statement fails.
    pub async fn register(&mut self, tx: &mut TenantTx, subject: &Subject) -> Result<(), Error> {
        if self.registered.is_some() {
            return Ok(());
        }
        let regulation = &subject.regulation;
        let Some((register, terms, at)) = regulation.register(&subject.dossier(tx)?, tx.now()) else { return Ok(()) };
        let on = day_of(at, regulation.zone());
        let serial = numbers::next(tx, &format!("register:{register}"), on).await?;
        self.registered = Some(Registered { register: register.to_owned(), number: terms.pattern.write(on, serial) });
        Ok(())
    }

    /// Reminds whoever answers for a limit that is overdue, once for each time at which it falls due.
    ///
    /// # Errors
    /// Those of [`Subject::limits`].
    pub fn remind(&mut self, tx: &TenantTx, subject: &Subject) -> Result<Vec<Reminded>, Error> {
        let mut reminded = Vec::new();
        for limit in subject.limits(tx)?.iter().filter(|limit| limit.state() == limit::State::Overdue) {
            let Some(explanation) = subject.regulation.reminder(limit) else { continue };
            let due_at = due_at(limit)?;
            if self.reminders.iter().any(|earlier| earlier.limit == limit.limit && earlier.due_at == due_at) {
                continue;
            }
            let to = subject.responsible(&limit.responsible);
            reminded.push(Reminded { limit: limit.limit.clone(), due_at, to, at: tx.now(), explanation });
        }
        self.reminders.extend(reminded.iter().cloned());
        Ok(reminded)
    }
}

fn due_at(limit: &Limit) -> Result<Timestamp, Error> {
    let missing = || Error::Internal(anyhow::anyhow!("limit {} has no due time", limit.limit));
    parse::timestamp(limit.due_at.ok_or_else(missing)?).map_err(|_| missing())
}

impl From<&Reminded> for pb::Reminder {
    fn from(reminded: &Reminded) -> Self {
        Self {
            limit: reminded.limit.clone(),
            due_at: Some(parse::to_timestamp(reminded.due_at)),
            to: reminded.to.clone(),
            reminded_at: Some(parse::to_timestamp(reminded.at)),
            explanation: Some(reminded.explanation.clone()),
        }
    }
}
