-- How far behind those are who follow, and how many timers wait: what is watched while the service runs.

-- When an event was appended, by the server's clock, also in a sandbox: how far somebody is behind is about machines, not
-- about the field. Events from before the column are taken to be as old as the column.
alter table event add column appended_at timestamptz not null default now();

-- Whoever follows wants a few types of many. Without it, to count those after a place is to read everything after it, and
-- the place of somebody who wants what seldom happens lies far back.
create index event_by_type on event (type, xid, position);

-- Events of these types after a place, counted up to `most`, and for how long the oldest of them has been there. Those that
-- wait for an older transaction to end are counted: whoever follows is behind them too.
create function feed_backlog(after_xid xid8, after_position integer, wanted text[], most integer,
                             out events bigint, out oldest_ms bigint)
language sql stable as $$
    select least(count(*), most),
           -- An event may be younger than the transaction that counts it.
           greatest(ceil(extract(epoch from clock_timestamp() - min(appended_at)) * 1000), 0)::bigint
      from (
            select e.appended_at
              from (select distinct unnest(wanted) as type) each
             cross join lateral (
                    select appended_at from event
                     where type = each.type and (xid, position) > (after_xid, after_position)
                     order by xid, position limit most) e
             union all
            (select appended_at from event
              where cardinality(wanted) = 0 and (xid, position) > (after_xid, after_position)
              order by xid, position limit most)) waiting
$$;

-- The same for all organisations: for the suite's own services only, and it is the service that sees to that.
create function feed_backlog_of_all(after_xid xid8, after_position integer, wanted text[], most integer,
                                    out events bigint, out oldest_ms bigint)
language sql stable security definer set search_path from current as $$
    select * from feed_backlog(after_xid, after_position, wanted, most)
$$;

-- Timers of live organisations whose time has come, and those of them whose time came by `late_since`. One organisation
-- after another, along the index: what is not due is not read, nor what sandboxes have left behind.
create function timers_due(as_of timestamptz, late_since timestamptz, out due bigint, out late bigint)
language sql stable security definer set search_path from current as $$
    select coalesce(sum(waiting.due), 0)::bigint, coalesce(sum(waiting.late), 0)::bigint
      from organization o
     cross join lateral (
            select count(*) as due, count(*) filter (where t.run_at <= late_since) as late
              from timer t where t.organization = o.organization and t.run_at <= as_of) waiting
     where o.mode = 'LIVE'
$$;
