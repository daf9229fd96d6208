-- The work that answers a case, and who is taken up by it when.

-- Equality beside overlap in one exclusion constraint.
create extension if not exists btree_gist with schema public;

create table dispatch.work_order (
    organization text not null,
    work_order_id uuid not null,
    number text not null,
    case_id uuid not null,
    -- The outside company that does the work; null for the organisation's own people.
    agency_id uuid,
    state text not null check (state in
        ('OPEN', 'DEPARTED', 'ON_SITE', 'COMPLETED', 'RETURNED', 'HANDED_IN', 'CLOSED', 'CANCELLED')),
    owner text check (owner <> ''),
    next_due_at timestamptz,
    -- Compared number by number, the lower first; then the earlier received goes first.
    rank numeric[] not null,
    received_at timestamptz not null,
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, work_order_id),
    constraint work_order_number unique (organization, number),
    constraint work_order_agency foreign key (organization, agency_id) references dispatch.agency,
    -- No work is lost: it is open, with somebody who has to act and a time to act by, or in a final state.
    constraint work_order_is_kept check (
        (state in ('CLOSED', 'CANCELLED')) = (owner is null)
        and (owner is null) = (next_due_at is null))
);
-- At most one active order a case, whatever two callers do at the same moment.
create unique index work_order_active on dispatch.work_order (organization, case_id)
    where state not in ('CLOSED', 'CANCELLED');
create index work_order_by_case on dispatch.work_order (organization, case_id, work_order_id);
create index work_order_by_service on dispatch.work_order (organization, rank, received_at, work_order_id)
    where state not in ('CLOSED', 'CANCELLED');
create index work_order_by_due on dispatch.work_order (organization, next_due_at) where next_due_at is not null;
create index work_order_by_agency on dispatch.work_order (organization, agency_id) where agency_id is not null;
call protect('dispatch.work_order', 'select, insert, update');

create table dispatch.visit (
    organization text not null,
    visit_id uuid not null,
    work_order_id uuid not null,
    engineer_id uuid not null,
    -- Who he was, and whose, when it was planned.
    engineer_subject text not null check (engineer_subject <> ''),
    agency_id uuid,
    start_at timestamptz not null,
    end_at timestamptz not null,
    cancelled boolean not null default false,
    primary key (organization, visit_id),
    constraint visit_work_order foreign key (organization, work_order_id) references dispatch.work_order,
    constraint visit_engineer foreign key (organization, engineer_id) references dispatch.engineer,
    constraint visit_takes_time check (start_at < end_at),
    -- Nobody is in two places: one visit may begin when another ends, and not before.
    constraint visit_engineer_is_free exclude using gist
        (organization with =, engineer_id with =, tstzrange(start_at, end_at) with &&) where (not cancelled)
);
create index visit_by_work_order on dispatch.visit (organization, work_order_id, visit_id);
call protect('dispatch.visit', 'select, insert, update');

-- An outside company sees the work that it was given.
create policy agency on dispatch.work_order as restrictive
    using (dispatch.caller_agency() in ('', agency_id::text));
create policy agency on dispatch.visit as restrictive
    using (dispatch.caller_agency() in ('', agency_id::text));
