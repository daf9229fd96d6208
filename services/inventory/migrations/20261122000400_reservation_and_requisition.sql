-- Who waits for an item, and what the warehouse should buy.

create table inventory.reservation (
    organization text not null,
    reservation_id uuid not null,
    item_id uuid not null,
    case_id uuid not null,
    quantity numeric not null check (quantity > 0),
    urgent boolean not null,
    state text not null check (state in ('OPEN', 'ALLOTTED', 'ENDED')),
    -- Place in the queue: lower ranks first, number by number, then the earlier received.
    rank numeric[] not null,
    received_at timestamptz not null,
    created_at timestamptz not null,
    version bigint not null default 1,
    primary key (organization, reservation_id),
    constraint reservation_item foreign key (organization, item_id) references inventory.item
);
create index reservation_queue on inventory.reservation (organization, item_id, rank, received_at, reservation_id)
    where state <> 'ENDED';
create index reservation_by_case on inventory.reservation (organization, case_id) where state <> 'ENDED';
call protect('inventory.reservation', 'select, insert, update');

create table inventory.purchase_requisition (
    organization text not null,
    purchase_requisition_id uuid not null,
    item_id uuid not null,
    quantity numeric not null check (quantity > 0),
    state text not null check (state in ('OPEN', 'FULFILLED')),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, purchase_requisition_id),
    constraint requisition_item foreign key (organization, item_id) references inventory.item
);
call protect('inventory.purchase_requisition', 'select, insert, update');

create policy staff on inventory.reservation as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on inventory.purchase_requisition as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
