-- One write, one answer: requests that were carried out, and the record of who did what.

create table request (
    organization text not null,
    request_id uuid not null,
    method text not null,
    -- SHA-256 of who asks for what: the same id with another one is another request, and refused.
    fingerprint bytea not null,
    -- Null only inside the transaction that carries the request out.
    answer bytea,
    -- By the server's clock, also in a sandbox: how long an answer is kept is about machines, not about the field.
    recorded_at timestamptz not null default now(),
    primary key (organization, request_id)
);
create index request_recorded_at on request (recorded_at);
call protect('request', 'select, insert, update');
create policy suite on request to current_user using (true);

create function purge_requests(before timestamptz) returns bigint
language sql security definer set search_path from current as $$
    with gone as (delete from request where recorded_at < before returning 1) select count(*) from gone
$$;

create table audit (
    audit_id bigint generated always as identity primary key,
    organization text not null,
    subject text not null,
    roles text[] not null,
    agency text,
    -- The service of the suite that passed the call on, or did the work by itself.
    service text,
    -- The gRPC method, the type of the event or the kind of the timer that caused the effect.
    method text not null,
    resource text not null,
    -- The request id, the id of the event or the key of the timer.
    cause text not null,
    class text not null check (class in ('CHANGE', 'SENSITIVE')),
    trace_id text,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null
);
create index audit_by_resource on audit (organization, resource, audit_id);
-- Append-only: nobody who serves calls may change what is on record.
call protect('audit', 'select, insert');

-- Starts the work of a transaction in one round trip: says for whom it is and how long a statement may take, claims the
-- request id (null for a read), and returns the organisation as this service knows it (nulls when it does not).
--
-- The claim of an id that another transaction is carrying out waits for its end: a duplicate never runs beside the first.
create function open_transaction(
    for_organization text, for_agency text, timeout_ms bigint,
    claimed_id uuid, claimed_method text, claimed_fingerprint bytea)
returns table (
    mode text, clock_at timestamptz, document bytea, version bigint, seen_fingerprint bytea, seen_answer bytea)
language plpgsql as $$
begin
    perform set_config('app.organization', for_organization, true),
            set_config('app.agency', coalesce(for_agency, ''), true),
            set_config('statement_timeout', timeout_ms::text, true);
    if claimed_id is not null then
        insert into request (organization, request_id, method, fingerprint)
        values (for_organization, claimed_id, claimed_method, claimed_fingerprint)
        on conflict do nothing;
        if not found then
            select r.fingerprint, r.answer into seen_fingerprint, seen_answer
              from request r where r.organization = for_organization and r.request_id = claimed_id;
        end if;
    end if;
    select o.mode, o.clock_at, o.document, o.version into mode, clock_at, document, version
      from organization o where o.organization = for_organization;
    return next;
end
$$;

-- Numbers of documents, in sequence for each organisation, kind and month.
create table document_number (
    organization text not null,
    kind text not null,
    month date not null check (extract(day from month) = 1),
    last bigint not null,
    primary key (organization, kind, month)
);
call protect('document_number', 'select, insert, update');
