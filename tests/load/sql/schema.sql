-- The tables of the twins: what the suite writes, without anything that the suite does about it.
create schema twin;

create table twin.line (
    line_id bigint generated always as identity primary key,
    note text not null
);

create table twin.service_case (
    organization text not null,
    case_id uuid not null default gen_random_uuid(),
    state text not null,
    received_at timestamptz not null default now(),
    document jsonb not null,
    primary key (organization, case_id)
);

create table twin.event (
    event_id uuid primary key default gen_random_uuid(),
    organization text not null,
    subject text not null,
    type text not null,
    payload bytea not null,
    occurred_at timestamptz not null default now()
);

create table twin.balance (
    item integer not null,
    account text not null,
    quantity numeric not null check (quantity >= 0),
    primary key (item, account)
);
insert into twin.balance (item, account, quantity)
select item, account, 1000000000 from generate_series(0, 9999) item, unnest(array['ON_HAND', 'LENT']) account;

create table twin.movement (
    movement_id uuid primary key default gen_random_uuid(),
    item integer not null,
    account text not null,
    quantity numeric not null,
    occurred_at timestamptz not null default now()
);

-- A page that does not grow, by which the growth of the others is judged.
create table twin.page (
    organization text not null,
    case_id uuid not null,
    document jsonb not null,
    version bigint not null,
    next_due_at timestamptz,
    primary key (organization, case_id)
);
vacuum analyze twin.balance;
