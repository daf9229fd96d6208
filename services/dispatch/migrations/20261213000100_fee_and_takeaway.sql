-- What customers owe for work orders, and goods of theirs that were taken away.

create table dispatch.fee (
    organization text not null,
    fee_id uuid not null,
    work_order_id uuid not null,
    amount numeric not null check (amount > 0),
    state text not null check (state in
        ('DUE', 'INVOICED', 'COLLECTED', 'COLLECTED_ON_INVOICE', 'PAID_IN', 'SETTLED')),
    -- Null before the invoice.
    invoice_number text check (invoice_number <> ''),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, fee_id),
    constraint fee_work_order foreign key (organization, work_order_id) references dispatch.work_order,
    -- An order has one fee, and an invoice is for one fee, whatever two callers do at the same moment.
    constraint fee_of_order unique (organization, work_order_id),
    constraint fee_invoice unique (organization, invoice_number),
    constraint fee_is_invoiced check (
        (state in ('INVOICED', 'COLLECTED_ON_INVOICE', 'SETTLED')) = (invoice_number is not null))
);
call protect('dispatch.fee', 'select, insert, update');

create table dispatch.takeaway (
    organization text not null,
    takeaway_id uuid not null,
    work_order_id uuid not null,
    -- Null where the case names none.
    product_id uuid,
    receipt_number text not null,
    state text not null check (state in ('TAKEN', 'REPAIRING', 'REPAIRED', 'GIVEN_BACK')),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, takeaway_id),
    constraint takeaway_work_order foreign key (organization, work_order_id) references dispatch.work_order,
    constraint takeaway_receipt unique (organization, receipt_number)
);
-- A product is with the organisation once.
create unique index takeaway_held on dispatch.takeaway (organization, product_id)
    where state <> 'GIVEN_BACK' and product_id is not null;
create index takeaway_by_work_order on dispatch.takeaway (organization, work_order_id, takeaway_id);
call protect('dispatch.takeaway', 'select, insert, update');

-- What a caller may see of a work order's money and goods follows from what he sees of work orders.
create policy agency on dispatch.fee as restrictive
    using (dispatch.caller_agency() = '' or exists (
        select from dispatch.work_order o
         where o.organization = fee.organization and o.work_order_id = fee.work_order_id));
create policy agency on dispatch.takeaway as restrictive
    using (dispatch.caller_agency() = '' or exists (
        select from dispatch.work_order o
         where o.organization = takeaway.organization and o.work_order_id = takeaway.work_order_id));
