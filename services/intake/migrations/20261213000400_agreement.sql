-- Contracts with customers on the care of their products.

-- Equality beside overlap in one exclusion constraint.
create extension if not exists btree_gist with schema public;

create table intake.agreement (
    organization text not null,
    agreement_id uuid not null,
    customer_id uuid not null,
    product_id uuid not null,
    starts_on date not null,
    ends_on date not null,
    state text not null check (state in ('IN_FORCE', 'RENEWED')),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, agreement_id),
    constraint agreement_days check (starts_on <= ends_on),
    constraint agreement_customer foreign key (organization, customer_id) references intake.customer,
    constraint agreement_product foreign key (organization, product_id) references intake.product,
    -- On no day a product is under two agreements.
    constraint agreement_is_one exclude using gist
        (organization with =, product_id with =, daterange(starts_on, ends_on, '[]') with &&)
);
create index agreement_by_customer on intake.agreement (organization, customer_id, agreement_id);
call protect('intake.agreement', 'select, insert, update');

create policy staff on intake.agreement as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
