-- Goods that customers send back: what the note says, what was approved, what actually came, and what was booked.

create table inventory.customer_return (
    organization text not null,
    customer_return_id uuid not null,
    number text not null,
    case_id uuid not null,
    item_id uuid not null,
    place_id uuid not null,
    state text not null check (state in ('NOTED', 'APPROVED', 'RECEIVED', 'REFERRED_BACK', 'BOOKED')),
    owner text check (owner <> ''),
    actual numeric check (actual > 0),
    booked numeric,
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, customer_return_id),
    constraint customer_return_number unique (organization, number),
    constraint customer_return_item foreign key (organization, item_id) references inventory.item,
    constraint customer_return_place foreign key (organization, place_id) references inventory.place,
    -- No return is lost: somebody has to act, or it is booked.
    constraint customer_return_is_kept check ((state = 'BOOKED') = (owner is null)),
    -- What is booked is what actually came.
    constraint customer_return_is_booked check (
        (state = 'BOOKED') = (booked is not null) and (booked is null or booked = actual)
        and (actual is not null or state in ('NOTED', 'APPROVED')))
);
create index customer_return_by_case on inventory.customer_return (organization, case_id, customer_return_id);
call protect('inventory.customer_return', 'select, insert, update');

create policy staff on inventory.customer_return as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
