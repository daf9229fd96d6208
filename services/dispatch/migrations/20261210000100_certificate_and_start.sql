-- What entitles engineers to kinds of work, and the beginning of the work on site.

create table dispatch.certificate (
    organization text not null,
    certificate_id uuid not null,
    engineer_id uuid not null,
    -- The outside company that he works for.
    agency_id uuid,
    kind text not null check (kind <> ''),
    number text not null,
    valid_from date not null,
    -- The last day; null for one that does not expire.
    valid_to date,
    created_at timestamptz not null,
    primary key (organization, certificate_id),
    constraint certificate_engineer foreign key (organization, engineer_id) references dispatch.engineer,
    constraint certificate_is_valid_once check (valid_to is null or valid_from <= valid_to)
);
create index certificate_by_engineer on dispatch.certificate (organization, engineer_id, certificate_id);
call protect('dispatch.certificate', 'select, insert');
create policy agency on dispatch.certificate as restrictive
    using (dispatch.caller_agency() in ('', agency_id::text));

alter table dispatch.work_order drop constraint work_order_state_check;
alter table dispatch.work_order add constraint work_order_state_check check (state in
    ('OPEN', 'DEPARTED', 'ON_SITE', 'WORKING', 'COMPLETED', 'RETURNED', 'HANDED_IN', 'CLOSED', 'CANCELLED'));
