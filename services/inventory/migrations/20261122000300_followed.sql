-- What inventory knows of the other services' resources: enough to rank a reservation by its case, and to judge a loan
-- slip by its work order. Written from their events, or on the first use from their answer; what was known at an earlier
-- time (as_of) never replaces what was known later, as an event would that the feed brings after the answer.

create table inventory.case_view (
    organization text not null,
    case_id uuid not null,
    as_of timestamptz not null,
    document jsonb not null,
    primary key (organization, case_id)
);
call protect('inventory.case_view', 'select, insert, update');

create table inventory.work_order_view (
    organization text not null,
    work_order_id uuid not null,
    as_of timestamptz not null,
    -- Null while the row is but a lock: whoever makes a slip for an order holds the order's row from before he asks
    -- dispatch about it, so that an event of the order finds the slip, or the slip what the event said.
    document jsonb,
    primary key (organization, work_order_id)
);
call protect('inventory.work_order_view', 'select, insert, update');

create policy staff on inventory.case_view as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on inventory.work_order_view as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
