//! What happens to what is in custody, each in one transaction.

use callout_casework::{
    Settings, Standing, Subject,
    ids::{self, CustodyId, Id as _},
    limits, occurred_at, refused,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Text};
use callout_regulation::{Actor, calendar::Holidays, vocabulary::Event};
use jiff::Timestamp;

use super::{Custody, Happened, Holder, Liable, Piece, State, Step, What, store};
use crate::Inventory;

/// Characters of a mark, and of the name of a person, at most.
const LONGEST_NAME: usize = 200;

/// Issues a kit or a single thing to its holder.
pub async fn create(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateCustodyRequest,
) -> Result<pb::Custody, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let pb::Custody { kind, holder, mark, fields, .. } = request.custody.unwrap_or_default();
    short("custody.holder", &holder)?;
    short("custody.mark", &mark)?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), None)?;
    let fields = fields.into_iter().collect();
    let regulation = Settings::of(tx)?.regulation_at(&inventory.host.library, at)?;
    let terms = regulation
        .issue_custody(&kind, &actor(caller), &fields)
        .map_err(|refusals| refused(&request.parent, refusals))?;
    match (terms.pieces.is_empty(), mark.is_empty()) {
        (true, true) => return Err(Error::invalid("custody.mark", Text::new("is required", "必填"))),
        (false, false) => {
            let fault = Text::new("must be empty: a kit has no mark", "成套物品无编号");
            return Err(Error::invalid("custody.mark", fault));
        }
        (true, false) | (false, true) => {}
    }
    let now = tx.now();
    let mut custody = Custody {
        id: CustodyId::new(now),
        version: 1,
        pieces: terms.pieces.keys().cloned().map(Piece::new).collect(),
        kind,
        mark,
        fields,
        holders: vec![Holder { holder, from: at }],
        issued_at: at,
        state: State::Held,
        liable: None,
        renews: None,
        regulation: regulation.revision().to_owned(),
        standing: Standing::default(),
        created_at: now,
    };
    custody.standing.happened(Event::Issued, at);
    store::insert(tx, &custody).await?;
    Change { name: custody.id.name(tx.organization_id()), custody, at }.commit(inventory, tx, "issued").await
}

/// Hands it on to somebody else, where the regulation lets its holder.
pub async fn hand_on(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::HandOnCustodyRequest,
) -> Result<pb::Custody, Error> {
    short("holder", &request.holder)?;
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(change.since()))?;
    change.step(Step::HandOn)?;
    if !request.piece.is_empty() {
        change.piece(&request.piece)?;
    }
    let regulation = change.subject(inventory, tx)?.regulation;
    regulation
        .hand_on_custody(&change.custody.kind, &actor(caller))
        .map_err(|refusals| refused(&request.name, refusals))?;
    if !request.piece.is_empty() {
        let fault = Text::new("must be empty: a kit is handed on as a whole", "成套物品须整套移交");
        return Err(Error::invalid("piece", fault));
    }
    change.custody.holders.push(Holder { holder: request.holder, from: change.at });
    change.commit(inventory, tx, "handed_on").await
}

/// It was lost, or a piece of it.
pub async fn report_loss(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ReportLossRequest,
) -> Result<pb::Custody, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(change.since()))?;
    let reported_at = change.at;
    let lost_at = occurred_at("lost_at", request.lost_at, reported_at, Some(change.since()))?;
    if !change.custody.pieces.is_empty() {
        change.step(Step::Piece)?;
        let name = format!("{}/pieces/{}", request.name, request.piece);
        let piece = change.piece(&request.piece)?;
        if piece.is_lost() {
            return Err(Error::WrongState {
                name,
                state: "LOST".to_owned(),
                attempted: "lose".to_owned(),
                allowed: vec!["HELD".to_owned()],
            });
        }
        piece.events.push(Happened { what: What::Lost, at: lost_at, rule: None });
        return change.commit(inventory, tx, "piece_lost").await;
    }
    change.step(Step::Lose(lost_at, reported_at))?;
    let regulation = change.subject(inventory, tx)?.regulation;
    let liable = regulation.liable_for_loss(&change.custody.kind);
    let person = change.custody.holder().to_owned();
    change.custody.liable = liable.map(|rule| Liable { person, rule: rule.to_owned() });
    change.custody.standing.happened(Event::Lost, lost_at);
    change.custody.standing.happened(Event::LossReported, reported_at);
    change.commit(inventory, tx, Event::Lost.word()).await
}

/// Another piece comes in the place of one that was lost or is broken.
pub async fn replace_piece(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ReplaceCustodyPieceRequest,
) -> Result<pb::Custody, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(change.since()))?;
    change.step(Step::Piece)?;
    let regulation = change.subject(inventory, tx)?.regulation;
    let refuse = |refusals| refused(&request.name, refusals);
    regulation.keep_custody(&change.custody.kind, &actor(caller)).map_err(refuse)?;
    let lacking = change.piece(&request.piece)?.lacking(request.broken, request.old_handed_in);
    let (what, rule) = if request.supplied_by_holder {
        (What::Supplied, None)
    } else {
        let holidays = holidays(tx)?;
        let given = regulation.replace_in_custody(change.custody.held(), lacking, change.at, &holidays);
        (What::Replaced, Some(given.map_err(refuse)?.into()))
    };
    let at = change.at;
    change.piece(&request.piece)?.events.push(Happened { what, at, rule });
    change.commit(inventory, tx, "piece_replaced").await
}

/// A new kit is given for the old one; answers with the new one.
pub async fn renew(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::RenewCustodyRequest,
) -> Result<pb::Custody, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(change.since()))?;
    change.step(Step::Renew(change.at))?;
    let regulation = change.subject(inventory, tx)?.regulation;
    let (refuse, holidays) = (|refusals| refused(&request.name, refusals), holidays(tx)?);
    regulation.keep_custody(&change.custody.kind, &actor(caller)).map_err(refuse)?;
    regulation.renew_custody(change.custody.held(), change.at, &holidays).map_err(refuse)?;
    let (old, at) = (change.custody.clone(), change.at);
    change.commit(inventory, tx, "renewed").await?;

    let now = tx.now();
    let regulation = Settings::of(tx)?.regulation_at(&inventory.host.library, at)?;
    let terms = regulation.custody(&old.kind).map_err(refuse)?;
    let mut custody = Custody {
        id: CustodyId::new(now),
        version: 1,
        pieces: terms.pieces.keys().cloned().map(Piece::new).collect(),
        holders: vec![Holder { holder: old.holder().to_owned(), from: at }],
        issued_at: at,
        state: State::Held,
        renews: Some(old.id),
        regulation: regulation.revision().to_owned(),
        standing: Standing::default(),
        created_at: now,
        ..old
    };
    custody.standing.happened(Event::Issued, at);
    store::insert(tx, &custody).await?;
    Change { name: custody.id.name(tx.organization_id()), custody, at }.commit(inventory, tx, "issued").await
}

/// It was handed back.
pub async fn take_back(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ReturnCustodyRequest,
) -> Result<pb::Custody, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(change.since()))?;
    change.step(Step::Return(change.at))?;
    let regulation = change.subject(inventory, tx)?.regulation;
    regulation
        .keep_custody(&change.custody.kind, &actor(caller))
        .map_err(|refusals| refused(&request.name, refusals))?;
    change.commit(inventory, tx, "returned").await
}

/// A limit ran out: tells of it.
///
/// # Errors
/// Those of its limits, and [`Error::Internal`] when a statement fails.
pub async fn follow_limits(inventory: &Inventory, tx: &mut TenantTx, id: CustodyId) -> Result<(), Error> {
    let mut custody = store::lock(tx, id).await?;
    save(inventory, tx, &mut custody).await
}

async fn save(inventory: &Inventory, tx: &mut TenantTx, custody: &mut Custody) -> Result<(), Error> {
    let mut subject = custody.subject(&inventory.host.library, tx.organization_id())?;
    if custody.state.is_final() {
        limits::end(tx, &mut subject)?;
    } else {
        limits::follow(tx, &mut subject)?;
    }
    custody.standing = subject.standing;
    store::save(tx, custody).await
}

/// Something in custody that is being changed.
struct Change {
    custody: Custody,
    at: Timestamp,
    name: String,
}

impl Change {
    async fn begin(tx: &mut TenantTx, caller: &Caller, name: &str, etag: &str) -> Result<Self, Error> {
        let custody = store::lock(tx, CustodyId::of(caller, "name", name)?).await?;
        etag::check(etag, custody.version, name)?;
        Ok(Self { custody, at: tx.now(), name: name.to_owned() })
    }

    /// From when on its holder has it; nothing that he does with it happened before.
    fn since(&self) -> Timestamp {
        self.custody.holders.last().map_or(self.custody.issued_at, |last| last.from)
    }

    fn step(&mut self, step: Step) -> Result<(), Error> {
        self.custody.state = self.custody.state.apply(step, &self.name)?;
        Ok(())
    }

    fn subject(&self, inventory: &Inventory, tx: &TenantTx) -> Result<Subject, Error> {
        self.custody.subject(&inventory.host.library, tx.organization_id())
    }

    /// # Errors
    /// [`Error::Invalid`] for a piece that the kit does not have.
    fn piece(&mut self, name: &str) -> Result<&mut Piece, Error> {
        let known: Vec<String> = self.custody.pieces.iter().map(|piece| piece.piece.clone()).collect();
        let fault = Text::new(
            format!("must be a piece of the kit: {}", known.join(", ")),
            format!("必须是成套物品之一：{}", known.join("、")),
        );
        let piece = self.custody.pieces.iter_mut().find(|piece| piece.piece == name);
        piece.ok_or_else(|| Error::invalid("piece", fault))
    }

    async fn commit(mut self, inventory: &Inventory, tx: &mut TenantTx, event: &str) -> Result<pb::Custody, Error> {
        save(inventory, tx, &mut self.custody).await?;
        let answer = self.custody.to_proto(&inventory.host.library, tx)?;
        tx.audit_as(answer.name.clone(), self.at);
        let changed = pb::CustodyChanged { event: event.to_owned(), custody: Some(answer.clone()) };
        events::append(tx, &answer.name, &changed, self.at);
        Ok(answer)
    }
}

fn actor(caller: &Caller) -> Actor {
    Actor::of(caller.roles.iter().cloned())
}

fn holidays(tx: &TenantTx) -> Result<Holidays, Error> {
    Settings::of(tx)?.holidays()
}

fn short(field: &str, text: &str) -> Result<(), Error> {
    if text.chars().count() <= LONGEST_NAME {
        return Ok(());
    }
    Err(Error::invalid(field, Text::new("must have 200 characters at most", "最多 200 个字符")))
}
