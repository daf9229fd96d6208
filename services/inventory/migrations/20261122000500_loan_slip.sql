-- Every part that leaves the warehouse is on a line of a slip until that line is brought back to zero.

create table inventory.loan_slip (
    organization text not null,
    loan_slip_id uuid not null,
    number text not null,
    purpose text not null,
    place_id uuid not null,
    work_order_id uuid,
    agency_id uuid,
    state text not null check (state in ('DRAFT', 'ISSUED', 'ZEROED')),
    issued_at timestamptz,
    owner text check (owner <> ''),
    next_due_at timestamptz,
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, loan_slip_id),
    constraint slip_number unique (organization, number),
    constraint slip_place foreign key (organization, place_id) references inventory.place,
    constraint slip_is_issued check ((state = 'DRAFT') = (issued_at is null)),
    -- No slip is lost: it is open, with somebody who has to act and a time to act by, or at zero.
    constraint slip_is_kept check ((state = 'ZEROED') = (owner is null) and (owner is null) = (next_due_at is null))
);
create index slip_by_work_order on inventory.loan_slip (organization, work_order_id, loan_slip_id);
create index slip_by_issue on inventory.loan_slip (organization, purpose, issued_at);
create index slip_by_due on inventory.loan_slip (organization, next_due_at) where next_due_at is not null;
call protect('inventory.loan_slip', 'select, insert, update');

create table inventory.loan_line (
    organization text not null,
    loan_slip_id uuid not null,
    line integer not null check (line >= 1),
    item_id uuid not null,
    quantity numeric not null check (quantity > 0),
    issued numeric not null default 0,
    -- Handed in unused, and handed in damaged in exchange for one that was built in.
    unused numeric not null default 0,
    replaced numeric not null default 0,
    -- Used up where nothing comes back, such as bolts.
    consumed numeric not null default 0,
    lost numeric not null default 0,
    outstanding numeric not null default 0,
    -- Found by inspections of what was handed in.
    good numeric not null default 0,
    damaged numeric not null default 0,
    zeroed boolean not null default false,
    primary key (organization, loan_slip_id, line),
    constraint line_slip foreign key (organization, loan_slip_id) references inventory.loan_slip,
    constraint line_item foreign key (organization, item_id) references inventory.item,
    constraint line_is_issued_once check (issued = 0 or issued = quantity),
    constraint line_quantities check (
        least(issued, unused, replaced, consumed, lost, outstanding, good, damaged) >= 0),
    -- Every piece is accounted for.
    constraint line_balances check (issued = unused + replaced + consumed + lost + outstanding),
    constraint line_certifies_what_came check (good + damaged <= unused + replaced),
    constraint line_is_at_zero check (
        not zeroed or (issued > 0 and outstanding = 0 and good + damaged = unused + replaced))
);
create index line_by_item on inventory.loan_line (organization, item_id);
call protect('inventory.loan_line', 'select, insert, update');

-- An outside company sees the slips of the orders that were given to it, and does not write.
create policy agency on inventory.loan_slip as restrictive
    using (coalesce(current_setting('app.agency', true), '') in ('', agency_id::text));
create policy agency on inventory.loan_line as restrictive
    using (exists(select from inventory.loan_slip s
                   where s.organization = loan_line.organization and s.loan_slip_id = loan_line.loan_slip_id));
