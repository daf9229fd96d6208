-- What is kept in stock, and where it can be.

create table inventory.item (
    organization text not null,
    item_id uuid not null,
    code text not null check (code <> ''),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, item_id),
    constraint item_code unique (organization, code)
);
call protect('inventory.item', 'select, insert, update');

create table inventory.place (
    organization text not null,
    place_id uuid not null,
    kind text not null check (kind in ('WAREHOUSE', 'GOOD_STOCK', 'DAMAGED_STOCK', 'VAN')),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, place_id)
);
create index place_by_kind on inventory.place (organization, kind, place_id);
call protect('inventory.place', 'select, insert, update');

-- Outside companies see the slips of their own orders, and nothing else of the stock.
create policy staff on inventory.item as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on inventory.place as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
