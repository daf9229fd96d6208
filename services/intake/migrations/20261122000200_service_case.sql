-- One row a request of a customer. `case` is a word of SQL, hence `service_case`.

create table intake.service_case (
    organization text not null,
    case_id uuid not null,
    number text not null,
    product_id uuid,
    customer_id uuid,
    work_order_id uuid,
    state text not null check (state in
        ('RECEIVED', 'AT_DESK', 'SOLUTION_FIXED', 'DISPATCHED', 'ANSWERED', 'SOLVED', 'CANCELLED')),
    owner text check (owner <> ''),
    next_due_at timestamptz,
    received_at timestamptz not null,
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, case_id),
    constraint case_number unique (organization, number),
    constraint case_product foreign key (organization, product_id) references intake.product,
    constraint case_customer foreign key (organization, customer_id) references intake.customer,
    -- No case is lost: it is open, with somebody who has to act and a time to act by, or in a final state.
    constraint case_is_kept check (
        (state in ('ANSWERED', 'SOLVED', 'CANCELLED')) = (owner is null)
        and (owner is null) = (next_due_at is null)),
    constraint case_is_dispatched check (state <> 'DISPATCHED' or work_order_id is not null)
);
create index case_by_work_order on intake.service_case (organization, work_order_id);
create index case_by_due on intake.service_case (organization, next_due_at) where next_due_at is not null;
create index case_by_product on intake.service_case (organization, product_id);
call protect('intake.service_case', 'select, insert, update');

-- Outside companies take part in work, not in what the organisation's customers ask for.
create policy staff on intake.service_case as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on intake.product as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on intake.customer as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
