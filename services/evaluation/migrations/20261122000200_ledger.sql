-- What was found against a person, and what followed from it and from limits that were missed. Nothing here is edited:
-- the service may add rows and read them.

create table evaluation.finding (
    organization text not null,
    finding_id uuid not null,
    kind text not null check (kind <> ''),
    person text not null check (person <> ''),
    subject text not null check (subject <> ''),
    document jsonb not null,
    primary key (organization, finding_id)
);
call protect('evaluation.finding', 'select, insert');

create table evaluation.ledger_entry (
    organization text not null,
    ledger_entry_id uuid not null,
    -- The finding that it follows from; null when it follows from a limit.
    finding_id uuid,
    consequence text not null check (consequence <> ''),
    person text not null check (person <> ''),
    amount numeric not null check (amount >= 0),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    subject text not null check (subject <> ''),
    trigger text not null,
    document jsonb not null,
    primary key (organization, ledger_entry_id),
    constraint ledger_entry_finding foreign key (organization, finding_id) references evaluation.finding,
    constraint ledger_entry_trigger check (trigger ~ '^(limit|finding):.' and (finding_id is null) = (trigger like 'limit:%'))
);
-- A missed limit is told when its time runs out and again when the event comes late; it has each consequence once.
create unique index ledger_entry_of_limit on evaluation.ledger_entry (organization, subject, trigger, consequence)
    where finding_id is null;
create unique index ledger_entry_of_finding on evaluation.ledger_entry (organization, finding_id, consequence)
    where finding_id is not null;
create index ledger_entry_by_person on evaluation.ledger_entry (organization, person, ledger_entry_id);
create index ledger_entry_by_subject on evaluation.ledger_entry (organization, subject, ledger_entry_id);
call protect('evaluation.ledger_entry', 'select, insert');

create policy staff on evaluation.finding as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.ledger_entry as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
