-- What is asked at every step of a clock and at every look at a feed, by one statement each. In PL/pgSQL, whose plans are
-- kept: a function in SQL that is not inlined is planned at each call.

-- How far this service is with an organisation, as before. Of a live one nobody counts what was told: nobody moves its
-- clock, and it may be millions.
create or replace function standing_of(of_organization text)
returns table (told text[], numbers bigint[], dealt_with text[], counts bigint[], next_due timestamptz)
language plpgsql stable security definer set search_path from current as $$
begin
    select coalesce(array_agg(e.type), '{}'), coalesce(array_agg(e.number), '{}') into told, numbers
      from (select e.type, count(*) as number
              from event e join organization o on o.organization = e.organization and o.mode = 'SANDBOX'
             where e.organization = of_organization group by e.type) e;
    select coalesce(array_agg(d.type), '{}'), coalesce(array_agg(d.told), '{}') into dealt_with, counts
      from dealt_with d where d.organization = of_organization;
    select min(t.run_at) into next_due from timer t where t.organization = of_organization;
    return next;
end
$$;

-- Moves the clock of a sandbox to a time by which nothing falls due here, and says how far this service is with the sandbox
-- then. Without a row something is due first, or the clock is not one that can be moved: whoever asks finds out in a
-- transaction. It is what most services do at most steps of a clock, hence one statement.
create function pass_time(of_organization text, moved_to timestamptz)
returns table (told text[], numbers bigint[], dealt_with text[], counts bigint[], next_due timestamptz)
language plpgsql as $$
begin
    perform set_config('app.organization', of_organization, true);
    -- Held first, so that of two who move the clock each sees the other's timers.
    perform 1 from organization o where o.organization = of_organization and o.mode = 'SANDBOX' for update;
    if not found
       or exists (select from timer t where t.organization = of_organization and t.run_at <= moved_to)
    then
        return;
    end if;
    update organization o set clock_at = moved_to
     where o.organization = of_organization and o.clock_at < moved_to;
    return query select * from standing_of(of_organization);
end
$$;

-- Notes that everything was dealt with that had been told by the time when so many events of a type were, and says how far
-- this service is with the organisation then.
create function note_dealt_with(of_organization text, types text[], tolds bigint[])
returns table (told text[], numbers bigint[], dealt_with text[], counts bigint[], next_due timestamptz)
language plpgsql as $$
#variable_conflict use_column
begin
    perform set_config('app.organization', of_organization, true);
    insert into dealt_with as d (organization, type, told)
    select of_organization, n.type, n.told from unnest(types, tolds) as n (type, told)
        on conflict (organization, type) do update set told = greatest(d.told, excluded.told);
    return query select * from standing_of(of_organization);
end
$$;

-- What a look at a feed shows: an event; or, with no id, the place up to which everything was read, and whether there is
-- nothing behind it. There is while events are committed that have to wait for an older transaction to end.
create type feed_row as (
    xid xid8, "position" integer, event_id uuid, organization text, subject text, type text, payload bytea,
    traceparent text, occurred_at timestamptz, recorded_at timestamptz, at_end boolean
);

-- The row after the last event before `readable`, the oldest transaction that still runs.
create function feed_end(readable xid8) returns feed_row language plpgsql stable as $$
declare
    row feed_row;
begin
    row.xid := readable;
    row.position := -1;
    row.at_end := not exists(select from event e where e.xid >= readable);
    return row;
end
$$;

-- The next events after a place that no transaction can write before any more, in order; when they are fewer than a page,
-- the end follows. One statement, hence one moment: an event might become readable between two.
drop function feed_page_of_all, feed_of_all_waits, feed_page, feed_waits;
create function read_feed(after_xid xid8, after_position integer, wanted text[], page_size integer)
returns setof feed_row
language plpgsql stable as $$
declare
    readable xid8 := pg_snapshot_xmin(pg_current_snapshot());
    events integer;
begin
    return query
    select e.xid, e.position, e.event_id, e.organization, e.subject, e.type, e.payload, e.traceparent, e.occurred_at,
           e.recorded_at, false
      from event e
     where (e.xid, e.position) > (after_xid, after_position)
       and e.xid < readable
       and (cardinality(wanted) = 0 or e.type = any (wanted))
     order by e.xid, e.position
     limit page_size;
    get diagnostics events = row_count;
    if events < page_size then
        return next feed_end(readable);
    end if;
end
$$;

-- The same for all organisations, for the suite's own services only, and it is the service that sees to that. Whoever
-- follows wants a few types of many, and goes from one event of a type to the next by its index: also while the table is
-- small, since the plan is kept while it grows.
create function read_feed_of_all(after_xid xid8, after_position integer, wanted text[], page_size integer)
returns setof feed_row
language plpgsql stable security definer
set search_path from current set enable_seqscan = off set enable_bitmapscan = off as $$
declare
    readable xid8 := pg_snapshot_xmin(pg_current_snapshot());
    events integer;
begin
    if cardinality(wanted) = 0 then
        return query select * from read_feed(after_xid, after_position, wanted, page_size);
        return;
    end if;
    return query
    select e.xid, e.position, e.event_id, e.organization, e.subject, e.type, e.payload, e.traceparent, e.occurred_at,
           e.recorded_at, false
      from unnest(wanted) each (type)
     cross join lateral (
            select * from event
             where event.type = each.type
               and (event.xid, event.position) > (after_xid, after_position)
               and event.xid < readable
             order by event.xid, event.position
             limit page_size) e
     order by e.xid, e.position
     limit page_size;
    get diagnostics events = row_count;
    if events < page_size then
        return next feed_end(readable);
    end if;
end
$$;
