-- How many cases are open, for those who watch the suite.

-- Functions that work for all organisations at once run in the name of the owner of the schema.
create policy suite on intake.service_case to current_user using (true);

-- The open cases of all organisations by mode, state and age: into how many of the seconds in `ages` they have come, by the
-- clock of the organisation. Whatever has a due time is open, and the index on that holds nothing else.
create function intake.open_cases(as_of timestamptz, ages bigint[])
returns table (mode text, state text, age integer, cases bigint)
language sql stable security definer set search_path = intake, pg_temp as $$
    select o.mode, c.state,
           width_bucket(extract(epoch from coalesce(o.clock_at, as_of) - c.received_at)::bigint, ages),
           count(*)
      from intake.service_case c join intake.organization o using (organization)
     where c.next_due_at is not null
     group by 1, 2, 3
$$;
