-- What keeps one organisation's rows from another's, in the schema of every service alike: no name here is qualified, all
-- of it runs under the search_path of one service's schema.
--
-- A transaction says for whom it reads and writes by the settings app.organization and app.agency (`open_transaction`).
-- One that says nothing sees nothing: current_setting is then null or empty, and no organisation has an empty id.

-- Puts a table under the tenant's policy and lets the service's role use it. Every table with rows of an organisation has
-- a column `organization text not null` and goes through here; one that does not cannot be used by the service at all,
-- because grants are given nowhere else. Policies for partner agencies are added beside it, `as restrictive`.
create procedure protect(target regclass, privileges text default 'select, insert, update, delete')
language plpgsql as $$
declare
    service text := (select relnamespace::regnamespace from pg_class where oid = target);
begin
    execute format('alter table %s enable row level security, force row level security', target);
    execute format(
        'create policy tenant on %s using (organization = current_setting(''app.organization'', true))', target);
    execute format('grant %s on %s to %I', privileges, target, 'svc_' || service);
end
$$;

-- The organisations as this service knows them: its own copy, so that no command waits for another service.
create table organization (
    organization text primary key check (organization <> ''),
    mode text not null check (mode in ('LIVE', 'SANDBOX')),
    clock_at timestamptz,
    document bytea not null,
    version bigint not null,
    constraint organization_clock check ((mode = 'SANDBOX') = (clock_at is not null))
);
call protect('organization', 'select, insert, update');

-- Functions that work for all organisations at once run in the name of the owner of the schema (`security definer`), who
-- is bound by the forced policies too and gets one of its own here. No service logs in as the owner.
create policy suite on organization to current_user using (true);
