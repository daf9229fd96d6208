-- Products in care: how often somebody has to be there, and when somebody was.

create table dispatch.maintenance_plan (
    organization text not null,
    maintenance_plan_id uuid not null,
    product_id uuid not null,
    routine text not null check (routine <> ''),
    starts_on date not null,
    -- The last day of care; null while it goes on.
    ends_on date,
    owner text check (owner <> ''),
    next_due_at timestamptz,
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, maintenance_plan_id),
    constraint plan_days check (ends_on is null or starts_on <= ends_on),
    -- No care is lost: somebody owes the next time by some time, or it has ended.
    constraint plan_is_kept check ((ends_on is null) = (owner is not null) and (owner is null) = (next_due_at is null))
);
-- A product is in care once under a routine, whatever two callers do at the same moment.
create unique index plan_active on dispatch.maintenance_plan (organization, product_id, routine) where ends_on is null;
create index plan_by_product on dispatch.maintenance_plan (organization, product_id, maintenance_plan_id);
call protect('dispatch.maintenance_plan', 'select, insert, update');

create table dispatch.maintenance_visit (
    organization text not null,
    maintenance_plan_id uuid not null,
    work_order_id uuid not null,
    done_on date not null,
    primary key (organization, maintenance_plan_id, work_order_id),
    constraint maintenance_visit_plan foreign key (organization, maintenance_plan_id)
        references dispatch.maintenance_plan,
    constraint maintenance_visit_order foreign key (organization, work_order_id) references dispatch.work_order
);
call protect('dispatch.maintenance_visit', 'select, insert');

-- Outside companies see the orders that they were given, and not what else is owed.
create policy staff on dispatch.maintenance_plan as restrictive using (dispatch.caller_agency() = '');
create policy staff on dispatch.maintenance_visit as restrictive using (dispatch.caller_agency() = '');
