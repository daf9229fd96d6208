-- What an item costs and on which days, so that what is entered late is priced by the day on which it happened.

-- Equality beside overlap in one exclusion constraint.
create extension if not exists btree_gist with schema public;

create table inventory.item_price (
    organization text not null,
    item_id uuid not null,
    -- A kind of price of the pack.
    kind text not null check (kind <> ''),
    amount numeric not null check (amount >= 0),
    -- The first and the last day on which it is valid; null for since ever, and for no end.
    valid_from date,
    valid_until date,
    constraint item_price_item foreign key (organization, item_id) references inventory.item,
    constraint item_price_takes_days check (valid_from <= valid_until),
    -- One price of a kind on a day.
    constraint item_price_of_the_day exclude using gist
        (organization with =, item_id with =, kind with =, daterange(valid_from, valid_until, '[]') with &&)
);

-- The prices that there are have been valid since ever. The owner of the table is bound by its policies too, except here.
alter table inventory.item no force row level security;
insert into inventory.item_price (organization, item_id, kind, amount)
select organization, item_id, price.key, price.value::numeric
  from inventory.item, jsonb_each_text(document -> 'prices') as price;
alter table inventory.item force row level security;

call protect('inventory.item_price', 'select, insert, delete');
create policy staff on inventory.item_price as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
