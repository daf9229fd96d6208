-- Agreements with contractors, what happens under them, and the settlement of each of their periods.

create extension if not exists btree_gist with schema public;

create table evaluation.agreement (
    organization text not null,
    agreement_id uuid not null,
    -- The kind of agreement of the pack.
    kind text not null check (kind <> ''),
    contractor text not null check (contractor <> ''),
    starts_on date not null,
    -- The last day by its term, or the one on which it was ended.
    ends_on date not null,
    -- It covers every machine, and names none.
    covers_all boolean not null,
    state text not null check (state in ('IN_FORCE', 'TERMINATED')),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, agreement_id),
    constraint agreement_term check (starts_on <= ends_on),
    -- A contractor has one agreement of a kind at a time: whatever happens then has one fee and one score.
    constraint agreement_of_contractor exclude using gist (
        organization with =, kind with =, contractor with =, daterange(starts_on, ends_on, '[]') with &&)
);
create index agreement_by_contractor on evaluation.agreement (organization, contractor, agreement_id);
call protect('evaluation.agreement', 'select, insert, update');

-- The machines that an agreement names.
create table evaluation.agreement_product (
    organization text not null,
    agreement_id uuid not null,
    product_id uuid not null,
    -- As those of the agreement.
    kind text not null,
    starts_on date not null,
    ends_on date not null,
    primary key (organization, agreement_id, product_id),
    constraint agreement_product_agreement foreign key (organization, agreement_id) references evaluation.agreement,
    -- A machine is cared for by one contractor at a time.
    constraint agreement_product_once exclude using gist (
        organization with =, kind with =, product_id with =, daterange(starts_on, ends_on, '[]') with &&)
);
call protect('evaluation.agreement_product', 'select, insert, update');

create table evaluation.incident (
    organization text not null,
    incident_id uuid not null,
    agreement_id uuid not null,
    kind text not null check (kind <> ''),
    state text not null check (state in ('ENTERED', 'TO_RECTIFY', 'RECTIFIED', 'WITHDRAWN')),
    -- What it follows from by itself; null for what somebody entered.
    trigger text check (trigger ~ '^limit:.'),
    -- The resource whose limit it was, and how many misses of it were taken back before: together they name the miss. Null
    -- for what somebody entered.
    trigger_subject text,
    trigger_miss integer,
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, incident_id),
    constraint incident_agreement foreign key (organization, agreement_id) references evaluation.agreement,
    constraint incident_trigger check (
        (trigger is null) = (trigger_subject is null) and (trigger is null) = (trigger_miss is null))
);
-- A missed limit is told when its time runs out and again when the event comes late; it is one incident.
create unique index incident_of_limit
    on evaluation.incident (organization, agreement_id, kind, trigger, trigger_subject, trigger_miss)
    where trigger is not null;
create index incident_by_agreement on evaluation.incident (organization, agreement_id, incident_id);
call protect('evaluation.incident', 'select, insert, update');

create table evaluation.settlement (
    organization text not null,
    settlement_id uuid not null,
    agreement_id uuid not null,
    period_start_on date not null,
    period_end_on date not null,
    state text not null check (state in ('OPEN', 'SCORED', 'SETTLED', 'VOID')),
    owner text check (owner <> ''),
    score_due_at timestamptz not null,
    score numeric check (score >= 0),
    payment numeric check (payment >= 0),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, settlement_id),
    constraint settlement_agreement foreign key (organization, agreement_id) references evaluation.agreement,
    -- A period is settled once.
    constraint settlement_of_period unique (organization, agreement_id, period_start_on),
    constraint settlement_days check (period_start_on <= period_end_on),
    -- No period is lost: somebody has to act on it, or it is settled or void.
    constraint settlement_is_kept check ((state in ('SETTLED', 'VOID')) = (owner is null)),
    -- Nothing is paid without a score, and a payment is fixed when it is settled and not before.
    constraint settlement_is_scored check ((state in ('SCORED', 'SETTLED')) = (score is not null)),
    constraint settlement_is_paid check ((state = 'SETTLED') = (payment is not null))
);
create index settlement_by_agreement on evaluation.settlement (organization, agreement_id, period_start_on);
call protect('evaluation.settlement', 'select, insert, update');

-- What is settled stays as it was signed; what became known since is corrected with the next one.
create function evaluation.refuse_change_of_settled() returns trigger
    language plpgsql as $$
begin
    raise exception 'settlement % is %', old.settlement_id, old.state using errcode = 'restrict_violation';
end
$$;
create trigger settled_is_frozen before update on evaluation.settlement
    for each row when (old.state in ('SETTLED', 'VOID')) execute function evaluation.refuse_change_of_settled();

create policy staff on evaluation.agreement as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.agreement_product as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.incident as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.settlement as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
