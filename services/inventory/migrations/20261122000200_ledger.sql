-- The ledger of the stock: whatever leaves an account enters another one, and nothing is edited. Balances follow from the
-- movements by a trigger; the service itself may only read them, so that no code of its own can make them differ.

create table inventory.movement (
    organization text not null,
    movement_id uuid not null,
    item_id uuid not null,
    quantity numeric not null,
    from_account text not null,
    from_place_id uuid,
    to_account text not null,
    to_place_id uuid,
    cause text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    primary key (organization, movement_id),
    constraint movement_item foreign key (organization, item_id) references inventory.item,
    constraint movement_from_place foreign key (organization, from_place_id) references inventory.place,
    constraint movement_to_place foreign key (organization, to_place_id) references inventory.place,
    constraint movement_quantity check (quantity > 0),
    constraint movement_accounts check (
        from_account in (
            'RECEIVED', 'CUSTOMER', 'ON_HAND', 'LENT', 'IN_TRANSIT', 'IN_INSPECTION', 'USED', 'SCRAPPED', 'LOST')
        and to_account in (
            'RECEIVED', 'CUSTOMER', 'ON_HAND', 'LENT', 'IN_TRANSIT', 'IN_INSPECTION', 'USED', 'SCRAPPED', 'LOST')),
    -- What is on hand is somewhere; what is on another account is nowhere in the house.
    constraint movement_places check (
        (from_account = 'ON_HAND') = (from_place_id is not null)
        and (to_account = 'ON_HAND') = (to_place_id is not null)),
    constraint movement_moves check ((from_account, from_place_id) is distinct from (to_account, to_place_id))
);
create index movement_by_item on inventory.movement (organization, item_id, movement_id);
call protect('inventory.movement', 'select, insert');

create table inventory.balance (
    organization text not null,
    item_id uuid not null,
    account text not null,
    place_id uuid,
    quantity numeric not null,
    constraint balance_account unique nulls not distinct (organization, item_id, account, place_id),
    constraint balance_item foreign key (organization, item_id) references inventory.item,
    -- No account gives what it does not have, except the world outside: the negative balances of suppliers and customers
    -- are what was received from them.
    constraint balance_not_below_zero check (quantity >= 0 or account in ('RECEIVED', 'CUSTOMER'))
);
call protect('inventory.balance', 'select');
create policy suite on inventory.balance to current_user using (true);

-- Runs as the owner of the schema: the service's role has no right to write balances. The row is made at zero first,
-- because a check looks at the row proposed for insertion, also when the statement would go on to update another one.
create function inventory.post_movement() returns trigger
language plpgsql security definer set search_path = inventory, pg_temp as $$
begin
    insert into inventory.balance (organization, item_id, account, place_id, quantity)
    values (new.organization, new.item_id, new.from_account, new.from_place_id, 0),
           (new.organization, new.item_id, new.to_account, new.to_place_id, 0)
    on conflict on constraint balance_account do nothing;
    update inventory.balance
       set quantity = quantity - new.quantity
     where organization = new.organization and item_id = new.item_id
       and account = new.from_account and place_id is not distinct from new.from_place_id;
    update inventory.balance
       set quantity = quantity + new.quantity
     where organization = new.organization and item_id = new.item_id
       and account = new.to_account and place_id is not distinct from new.to_place_id;
    return null;
end
$$;
create trigger movement_is_posted after insert on inventory.movement
    for each row execute function inventory.post_movement();

create policy staff on inventory.movement as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on inventory.balance as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
