-- An entry whose limit turned out not to have been missed is reversed by another one, which takes its amount back: nothing is
-- edited, and the sum of the amounts is what is owed.

alter table evaluation.ledger_entry
    -- How many misses of the limit were taken back before the one that the entry follows from: it names the miss.
    add column retractions integer not null default 0 check (retractions >= 0),
    -- The entry that this one reverses.
    add column reverses uuid,
    drop constraint ledger_entry_amount_check,
    add constraint ledger_entry_amount check (case when reverses is null then amount >= 0 else amount <= 0 end),
    add constraint ledger_entry_reversed foreign key (organization, reverses) references evaluation.ledger_entry,
    -- A finding is a person's, and is not taken back by a machine.
    add constraint ledger_entry_reversal_of_limit check (reverses is null or finding_id is null);

-- An entry is reversed once, however often its miss is taken back.
create unique index ledger_entry_reversal on evaluation.ledger_entry (organization, reverses) where reverses is not null;

-- A miss has each consequence once; a limit that is missed again, after its miss was taken back, has it again.
drop index evaluation.ledger_entry_of_limit;
create unique index ledger_entry_of_limit
    on evaluation.ledger_entry (organization, subject, trigger, consequence, retractions)
    where finding_id is null and reverses is null;
