-- What has to be done again and again: for a product so long after the last time, for the organisation once a period.

-- The products as intake tells of them: the days that a routine may count from.
create table evaluation.product (
    organization text not null,
    product_id uuid not null,
    delivered_on date,
    trained_on date,
    registered_on date,
    primary key (organization, product_id)
);
call protect('evaluation.product', 'select, insert, update');

create table evaluation.duty (
    organization text not null,
    duty_id uuid not null,
    routine text not null check (routine <> ''),
    subject text not null check (subject <> ''),
    -- The days of the period that it covers; null when it goes by interval.
    period_start_on date,
    period_end_on date,
    due_at timestamptz not null,
    done_at timestamptz,
    owner text check (owner <> ''),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, duty_id),
    constraint duty_period check (
        (period_start_on is null) = (period_end_on is null) and period_start_on <= period_end_on),
    -- Nothing that is owed is lost: either somebody owes it, or it was done.
    constraint duty_is_kept check ((done_at is null) = (owner is not null))
);
-- Whoever opens duties, and however often: one for a period, and no second one before the first is done.
create unique index duty_of_period on evaluation.duty (organization, routine, subject, period_start_on)
    where period_start_on is not null;
create unique index duty_open on evaluation.duty (organization, routine, subject)
    where period_start_on is null and done_at is null;
create index duty_by_due on evaluation.duty (organization, due_at, duty_id);
create index duty_by_subject on evaluation.duty (organization, subject, routine);
call protect('evaluation.duty', 'select, insert, update');

create policy staff on evaluation.product as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.duty as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
