-- Timers are dropped one by one. A connection keeps its plan, and that for any of several keys, made while the table was
-- new, took the index that begins with the organisation too: it read all timers of the organisation each time.
create or replace function close_transaction(
    closed_at timestamptz,
    event_ids uuid[], event_subjects text[], event_types text[], event_payloads bytea[], event_traceparents text[],
    event_times timestamptz[],
    audit_subject text, audit_roles text[], audit_agency text, audit_service text, audit_methods text[],
    audit_resources text[], audit_causes text[], audit_classes text[], audit_trace_ids text[], audit_times timestamptz[],
    claimed_id uuid, claimed_answer bytea,
    cancelled text[],
    timer_keys text[], timer_kinds text[], timer_subjects text[], timer_times timestamptz[], timer_payloads bytea[])
returns void
language plpgsql as $$
declare
    for_organization text := current_setting('app.organization');
    dropped text;
begin
    if cardinality(event_ids) > 0 then
        insert into event (position, event_id, organization, subject, type, payload, traceparent, occurred_at,
                           recorded_at)
        select e.place - 1, e.event_id, for_organization, e.subject, e.type, e.payload, e.traceparent, e.occurred_at,
               closed_at
          from unnest(event_ids, event_subjects, event_types, event_payloads, event_traceparents, event_times)
               with ordinality e (event_id, subject, type, payload, traceparent, occurred_at, place);
    end if;
    if cardinality(audit_methods) > 0 then
        insert into audit (organization, subject, roles, agency, service, method, resource, cause, class, trace_id,
                           occurred_at, recorded_at)
        select for_organization, audit_subject, audit_roles, audit_agency, audit_service, a.method, a.resource, a.cause,
               a.class, a.trace_id, a.occurred_at, closed_at
          from unnest(audit_methods, audit_resources, audit_causes, audit_classes, audit_trace_ids, audit_times)
               with ordinality a (method, resource, cause, class, trace_id, occurred_at, place)
         order by a.place;
    end if;
    if claimed_id is not null then
        update request set answer = claimed_answer where organization = for_organization and request_id = claimed_id;
    end if;
    foreach dropped in array cancelled loop
        delete from timer where organization = for_organization and key = dropped;
    end loop;
    if cardinality(timer_keys) > 0 then
        insert into timer (organization, key, kind, subject, run_at, retry_at, payload)
        select for_organization, t.key, t.kind, t.subject, t.run_at, t.run_at, t.payload
          from unnest(timer_keys, timer_kinds, timer_subjects, timer_times, timer_payloads)
               with ordinality t (key, kind, subject, run_at, payload, place)
         order by t.place
            on conflict (organization, key) do update
           set timer_id = default, kind = excluded.kind, subject = excluded.subject, run_at = excluded.run_at,
               retry_at = excluded.retry_at, payload = excluded.payload, attempt = 0;
    end if;
end
$$;
