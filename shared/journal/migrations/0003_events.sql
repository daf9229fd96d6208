-- What happened, for those who follow.

-- An event has its place in the feed by (xid, position): the transaction that wrote it and its place therein. A serial
-- number would be given at the insert and not at the commit, and a follower that has read number 8 would never see
-- number 7 when that commits later. Rows of transactions that may still be running are not read yet (`feed_page`).
--
-- A dump restored into a new cluster starts with smaller transaction ids: advance them first (pg_resetwal -x).
create table event (
    xid xid8 not null default pg_current_xact_id(),
    position integer not null,
    event_id uuid not null,
    organization text not null,
    subject text not null,
    type text not null,
    payload bytea not null,
    traceparent text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    primary key (xid, position)
);
create index event_by_organization on event (organization, xid, position);
-- Append-only, like the audit.
call protect('event', 'select, insert');
create policy suite on event to current_user using (true);
-- An agency sees the orders that it was offered, not all that happens in the organisation: it has no feed.
create policy staff on event as restrictive for select
    using (coalesce(current_setting('app.agency', true), '') = '');

-- The next events after a place that no transaction can write before any more, in order. The last column says whether
-- there are events beyond the page that are committed, but have to wait for an older transaction to end.
create function feed_page(after_xid xid8, after_position integer, wanted text[], page_size integer)
returns table (xid xid8, "position" integer, event_id uuid, organization text, subject text, type text, payload bytea,
               traceparent text, occurred_at timestamptz, recorded_at timestamptz)
language sql stable as $$
    select e.xid, e.position, e.event_id, e.organization, e.subject, e.type, e.payload, e.traceparent, e.occurred_at,
           e.recorded_at
      from event e
     where (e.xid, e.position) > (after_xid, after_position)
       and e.xid < pg_snapshot_xmin(pg_current_snapshot())
       and (cardinality(wanted) = 0 or e.type = any (wanted))
     order by e.xid, e.position
     limit page_size
$$;

-- Whether events are committed that have to wait for an older transaction to end before they can be read.
create function feed_waits() returns boolean language sql stable as $$
    select exists(select from event e where e.xid >= pg_snapshot_xmin(pg_current_snapshot()))
$$;

-- The same for all organisations: for the suite's own services only, and it is the service that sees to that.
create function feed_page_of_all(after_xid xid8, after_position integer, wanted text[], page_size integer)
returns table (xid xid8, "position" integer, event_id uuid, organization text, subject text, type text, payload bytea,
               traceparent text, occurred_at timestamptz, recorded_at timestamptz)
language sql stable security definer set search_path from current as $$
    select * from feed_page(after_xid, after_position, wanted, page_size)
$$;

create function feed_of_all_waits() returns boolean
language sql stable security definer set search_path from current as $$ select feed_waits() $$;

-- How far this service has read the feeds of others. The rows of all organisations come in one feed, so a place belongs
-- to none of them.
create table follower (
    name text primary key,
    xid xid8 not null,
    position integer not null
);

-- Up to where the consequences of an organisation's events are known to have been counted (`settle_for`).
create table settled (
    organization text not null,
    name text not null references follower (name),
    xid xid8 not null,
    position integer not null,
    primary key (organization, name)
);
call protect('settled', 'select, insert, update');
