-- Who calls, and the archive of each delivered machine.

create table intake.customer (
    organization text not null,
    customer_id uuid not null,
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, customer_id)
);
call protect('intake.customer', 'select, insert, update');

create table intake.product (
    organization text not null,
    product_id uuid not null,
    serial text not null check (serial <> ''),
    customer_id uuid,
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, product_id),
    constraint product_serial unique (organization, serial),
    constraint product_customer foreign key (organization, customer_id) references intake.customer
);
create index product_by_customer on intake.product (organization, customer_id, product_id);
call protect('intake.product', 'select, insert, update');
