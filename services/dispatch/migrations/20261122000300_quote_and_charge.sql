-- What work costs: for the customer, who is told before anybody departs, and for a party that is charged after.

create table dispatch.quote (
    organization text not null,
    quote_id uuid not null,
    work_order_id uuid not null,
    state text not null check (state in ('OPEN', 'CONFIRMED', 'DECLINED', 'REPLACED')),
    total numeric not null check (total >= 0),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, quote_id),
    constraint quote_work_order foreign key (organization, work_order_id) references dispatch.work_order
);
-- One price stands at a time.
create unique index quote_standing on dispatch.quote (organization, work_order_id) where state in ('OPEN', 'CONFIRMED');
create index quote_by_work_order on dispatch.quote (organization, work_order_id, quote_id);
call protect('dispatch.quote', 'select, insert, update');

create table dispatch.charge (
    organization text not null,
    charge_id uuid not null,
    work_order_id uuid not null,
    party text not null check (party <> ''),
    total numeric not null check (total >= 0),
    document jsonb not null,
    primary key (organization, charge_id),
    constraint charge_work_order foreign key (organization, work_order_id) references dispatch.work_order,
    -- The costs of a service are claimed once.
    constraint charge_party unique (organization, work_order_id, party)
);
-- What was claimed stays as it was.
call protect('dispatch.charge', 'select, insert');

-- What a caller may see of a work order's money follows from what he sees of work orders.
create policy agency on dispatch.quote as restrictive
    using (dispatch.caller_agency() = '' or exists (
        select from dispatch.work_order o
         where o.organization = quote.organization and o.work_order_id = quote.work_order_id));
create policy agency on dispatch.charge as restrictive
    using (dispatch.caller_agency() = '' or exists (
        select from dispatch.work_order o
         where o.organization = charge.organization and o.work_order_id = charge.work_order_id));
