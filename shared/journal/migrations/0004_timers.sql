-- What is to be done at a later time: a limit about to fall due, an overdue slip, a survey, a recurring visit.

create table timer (
    organization text not null,
    -- Names the timer within the organisation; scheduled again, it moves.
    key text not null,
    -- New with every schedule, so that a worker that leased the timer before it was moved does not complete it.
    timer_id bigint generated always as identity,
    kind text not null,
    subject text not null,
    run_at timestamptz not null,
    payload bytea not null,
    -- Times it was leased. With timer_id it is the fence: only the worker of the last lease completes the timer.
    attempt integer not null default 0,
    -- Leased or failed, it is not tried again before.
    retry_at timestamptz not null,
    primary key (organization, key)
);
create index timer_retry_at on timer (retry_at, timer_id);
create index timer_run_at on timer (organization, run_at, timer_id);
call protect('timer');
create policy suite on timer to current_user using (true);

-- Leases due timers of live organisations to a worker: each is put off by its back-off, e^min(attempt, 10) seconds, so
-- that a worker that dies leaves it to the next one, and one that always fails is tried less and less often. The timers
-- that somebody works on right now are locked, and skipped.
create function lease_timers(as_of timestamptz, page_size integer)
returns table (organization text, key text, timer_id bigint, kind text, subject text, run_at timestamptz, payload bytea,
               attempt integer)
language sql security definer set search_path from current as $$
    with due as (
        select t.organization, t.key
          from timer t join organization o using (organization)
         where t.retry_at <= as_of and o.mode = 'LIVE'
         order by t.retry_at, t.timer_id
         limit page_size
           for update of t skip locked
    ), leased as (
        update timer t
           set attempt = t.attempt + 1,
               retry_at = as_of + make_interval(secs => exp(least(t.attempt + 1, 10)))
          from due
         where t.organization = due.organization and t.key = due.key
        returning t.*
    )
    select l.organization, l.key, l.timer_id, l.kind, l.subject, l.run_at, l.payload, l.attempt
      from leased l
     order by l.run_at, l.timer_id
$$;
