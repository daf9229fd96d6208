-- What somebody holds in person: kits and keys.

create table inventory.custody (
    organization text not null,
    custody_id uuid not null,
    kind text not null check (kind <> ''),
    -- By which a single thing is known; empty for a kit.
    mark text not null,
    holder text not null check (holder <> ''),
    state text not null check (state in ('HELD', 'LOST', 'RETURNED', 'RENEWED')),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, custody_id)
);
-- A thing has one holder at a time, and nobody holds two kits of a kind, whatever two callers do at the same moment.
create unique index custody_one_holder on inventory.custody (organization, kind, mark)
    where state = 'HELD' and mark <> '';
create unique index custody_one_kit on inventory.custody (organization, kind, holder)
    where state = 'HELD' and mark = '';
create index custody_by_holder on inventory.custody (organization, holder, custody_id);
call protect('inventory.custody', 'select, insert, update');

create policy staff on inventory.custody as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
