//! What happens to work reports, each in one transaction.

use callout_casework::{
    day_of,
    ids::{self, Id as _, WorkReportId},
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{Actor, WorkEntry};
use rust_decimal::Decimal;

use super::{Entry, Signature, State, Step, WorkReport, store};
use crate::{Evaluation, Explanation, in_force};

/// Characters that the name of a branch may have.
const LONGEST_BRANCH: usize = 200;
/// Characters that a note may have.
const LONGEST_NOTE: usize = 2_000;

/// Somebody reports a day.
///
/// # Errors
/// [`Error::Refused`] from a role that does not make it, and for what it may not say; [`Error::Invalid`] for a day in the
/// future; [`Error::AlreadyExists`] when he made it.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateWorkReportRequest,
) -> Result<pb::WorkReport, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.work_report.unwrap_or_default();
    let mut violations = Violations::default();
    violations.at_most("work_report.branch", &asked.branch, LONGEST_BRANCH);
    let day = violations.take("work_report.day", parse::date(&asked.day));
    let entries = entries(&mut violations, asked.entries);
    let (Some(day), true) = (day, violations.is_empty()) else { return Err(violations.into_error()) };
    let regulation = in_force::on(evaluation, tx, "work_report.day", day)?;
    if day > day_of(tx.now(), regulation.zone()) {
        return Err(Error::invalid("work_report.day", Text::new("must not be in the future", "不能晚于今天")));
    }
    let own: Vec<WorkEntry> =
        entries.iter().map(|entry| WorkEntry { class: entry.class.clone(), hours: entry.hours }).collect();
    let terms = regulation
        .make_report(&asked.report, &Actor::of(caller.roles.iter().cloned()), &own)
        .map_err(in_force::refusing(&request.parent))?;
    let of_others = match &terms.adds_up {
        Some(other) => store::sent(tx, other, day, &asked.branch).await?,
        None => Vec::new(),
    };
    let work: Vec<WorkEntry> = own.into_iter().chain(of_others.iter().flat_map(WorkReport::work)).collect();
    let (totals, explanation) = regulation.add_up(&asked.report, &work);
    let report = WorkReport {
        id: WorkReportId::new(tx.now()),
        version: 1,
        to: terms.to.clone(),
        report: asked.report,
        day,
        branch: asked.branch,
        author: caller.subject.clone(),
        entries,
        totals,
        added_up: of_others.iter().map(|report| report.id).collect(),
        explanation: Explanation::from(explanation),
        state: State::Draft,
        created_at: tx.now(),
    };
    store::insert(tx, &report).await?;
    Ok(tell(tx, &report))
}

/// Somebody signs a report.
///
/// # Errors
/// [`Error::Refused`] from a role that does not sign it, [`Error::WrongState`] when it was signed or sent.
pub async fn sign(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::SignWorkReportRequest,
) -> Result<pb::WorkReport, Error> {
    let mut report = begin(tx, caller, &request.name, &request.etag).await?;
    let regulation = in_force::on(evaluation, tx, "name", report.day)?;
    let signature = Signature { by: caller.subject.clone(), at: tx.now() };
    report.state = report.state.apply(Step::Sign(signature), &request.name)?;
    regulation
        .sign_report(&report.report, &Actor::of(caller.roles.iter().cloned()))
        .map_err(in_force::refusing(&request.name))?;
    store::save(tx, &mut report).await?;
    Ok(tell(tx, &report))
}

/// A report is sent on.
///
/// # Errors
/// [`Error::Refused`] from a role that does not send it and without the signature that it needs, [`Error::WrongState`] when
/// it was sent.
pub async fn send(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::SendWorkReportRequest,
) -> Result<pb::WorkReport, Error> {
    let mut report = begin(tx, caller, &request.name, &request.etag).await?;
    let regulation = in_force::on(evaluation, tx, "name", report.day)?;
    let is_signed = report.state.signature().is_some();
    report.state = report.state.apply(Step::Send(tx.now()), &request.name)?;
    let actor = Actor::of(caller.roles.iter().cloned());
    regulation
        .send_report(&report.report, &actor, !report.branch.is_empty(), is_signed)
        .map_err(in_force::refusing(&request.name))?;
    store::save(tx, &mut report).await?;
    Ok(tell(tx, &report))
}

async fn begin(tx: &mut TenantTx, caller: &Caller, name: &str, etag: &str) -> Result<WorkReport, Error> {
    let report = store::lock(tx, WorkReportId::of(caller, "name", name)?).await?;
    etag::check(etag, report.version, name)?;
    Ok(report)
}

fn tell(tx: &mut TenantTx, report: &WorkReport) -> pb::WorkReport {
    let (answer, now) = (report.to_proto(tx.organization_id()), tx.now());
    events::append(tx, &answer.name, &pb::WorkReportChanged { work_report: Some(answer.clone()) }, now);
    tx.audit_as(answer.name.clone(), now);
    answer
}

fn entries(violations: &mut Violations, stated: Vec<pb::WorkReportEntry>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (index, entry) in stated.into_iter().enumerate() {
        let field = |name: &str| format!("work_report.entries[{index}].{name}");
        violations.at_most(field("note"), &entry.note, LONGEST_NOTE);
        let hours = parse::amount(&entry.hours).and_then(above_zero);
        if let Some(hours) = violations.take(field("hours"), hours) {
            entries.push(Entry { class: entry.class, hours, note: entry.note });
        }
    }
    entries
}

fn above_zero(hours: Decimal) -> Result<Decimal, Text> {
    if hours.is_zero() { Err(Text::new("must be above zero", "必须大于零")) } else { Ok(hours) }
}
