-- Who goes to customers: the organisation's own engineers, and those of the outside companies that work for it.

create table dispatch.agency (
    organization text not null,
    agency_id uuid not null,
    display_name text not null check (display_name <> ''),
    -- The party of the pack that it is; empty for none.
    party text not null,
    created_at timestamptz not null,
    version bigint not null default 1,
    primary key (organization, agency_id)
);
call protect('dispatch.agency', 'select, insert, update');

create table dispatch.engineer (
    organization text not null,
    engineer_id uuid not null,
    agency_id uuid,
    display_name text not null check (display_name <> ''),
    -- Of his tokens: whoever acts under it is he.
    subject text not null check (subject <> ''),
    created_at timestamptz not null,
    version bigint not null default 1,
    primary key (organization, engineer_id),
    constraint engineer_subject unique (organization, subject),
    constraint engineer_agency foreign key (organization, agency_id) references dispatch.agency
);
create index engineer_by_agency on dispatch.engineer (organization, agency_id) where agency_id is not null;
call protect('dispatch.engineer', 'select, insert, update');

-- The id of the agency that the caller works for; empty for the organisation's own people, who see everybody.
create function caller_agency() returns text language sql stable as $$
    select coalesce(current_setting('app.agency', true), '')
$$;

-- An outside company sees itself and its own people.
create policy agency on dispatch.agency as restrictive
    using (dispatch.caller_agency() in ('', agency_id::text));
create policy agency on dispatch.engineer as restrictive
    using (dispatch.caller_agency() in ('', agency_id::text));
