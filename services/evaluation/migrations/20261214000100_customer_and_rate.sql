-- What is due for customers, and how much counts for the rates of a regulation.

-- The customers as intake tells of them, as far as something is due for them.
create table evaluation.customer (
    organization text not null,
    customer_id uuid not null,
    -- The subject of the person in charge of the customer; empty for nobody.
    person_in_charge text not null,
    primary key (organization, customer_id)
);
call protect('evaluation.customer', 'select, insert, update');

-- What counts for a rate, as the services tell of it: each subject once.
create table evaluation.rate_count (
    organization text not null,
    rate text not null check (rate <> ''),
    subject text not null check (subject <> ''),
    -- The day by which it belongs to a period.
    counted_on date not null,
    -- Whether that is so of it which the rate is about.
    holds boolean not null,
    primary key (organization, rate, subject)
);
create index rate_count_by_day on evaluation.rate_count (organization, rate, counted_on);
call protect('evaluation.rate_count', 'select, insert, update, delete');

create policy staff on evaluation.customer as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.rate_count as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
