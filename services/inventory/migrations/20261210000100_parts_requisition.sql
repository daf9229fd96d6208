-- Parts that are drawn to be built in, and the parts that they replace, which must come back.

create table inventory.parts_requisition (
    organization text not null,
    parts_requisition_id uuid not null,
    number text not null,
    kind text not null check (kind <> ''),
    work_order_id uuid not null,
    agency_id uuid,
    place_id uuid not null,
    state text not null check (state in ('DRAFT', 'ISSUED', 'SETTLED')),
    owner text check (owner <> ''),
    next_due_at timestamptz,
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, parts_requisition_id),
    constraint parts_requisition_number unique (organization, number),
    constraint parts_requisition_place foreign key (organization, place_id) references inventory.place,
    -- No requisition is lost: somebody has to act by some time, or it is settled.
    constraint parts_requisition_is_kept check (
        (state = 'SETTLED') = (owner is null) and (owner is null) = (next_due_at is null))
);
create index parts_requisition_by_order on inventory.parts_requisition
    (organization, work_order_id, parts_requisition_id);
create index parts_requisition_by_due on inventory.parts_requisition (organization, next_due_at)
    where next_due_at is not null;
call protect('inventory.parts_requisition', 'select, insert, update');

create table inventory.parts_requisition_line (
    organization text not null,
    parts_requisition_id uuid not null,
    line integer not null check (line >= 1),
    item_id uuid not null,
    quantity numeric not null check (quantity > 0),
    issued numeric not null default 0,
    -- Of what was issued: how many replaced parts must come back, and how many did.
    owed numeric not null default 0,
    returned numeric not null default 0,
    primary key (organization, parts_requisition_id, line),
    constraint requisition_line_of foreign key (organization, parts_requisition_id)
        references inventory.parts_requisition,
    constraint requisition_line_item foreign key (organization, item_id) references inventory.item,
    -- Never more than is stated, and never more back than is owed.
    constraint requisition_line_quantities check (
        0 <= returned and returned <= owed and owed <= issued and issued <= quantity)
);
call protect('inventory.parts_requisition_line', 'select, insert, update');

-- An outside company sees the requisitions of the orders that were given to it.
create policy agency on inventory.parts_requisition as restrictive
    using (coalesce(current_setting('app.agency', true), '') in ('', agency_id::text));
create policy agency on inventory.parts_requisition_line as restrictive
    using (exists(select from inventory.parts_requisition r
                   where r.organization = parts_requisition_line.organization
                     and r.parts_requisition_id = parts_requisition_line.parts_requisition_id));
