-- The lists of slips that a warehouse reports at regular intervals; being on one is what zeroes some kinds of slips.

create table inventory.slip_list (
    organization text not null,
    slip_list_id uuid not null,
    routine text not null,
    document jsonb not null,
    primary key (organization, slip_list_id)
);
call protect('inventory.slip_list', 'select, insert');

create table inventory.slip_list_entry (
    organization text not null,
    slip_list_id uuid not null,
    position integer not null,
    loan_slip_id uuid not null,
    primary key (organization, slip_list_id, position),
    constraint entry_list foreign key (organization, slip_list_id) references inventory.slip_list,
    constraint entry_slip foreign key (organization, loan_slip_id) references inventory.loan_slip,
    constraint entry_once unique (organization, slip_list_id, loan_slip_id)
);
create index entry_by_slip on inventory.slip_list_entry (organization, loan_slip_id);
call protect('inventory.slip_list_entry', 'select, insert');

create policy staff on inventory.slip_list as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on inventory.slip_list_entry as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
