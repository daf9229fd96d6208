-- Where a page begins: at the last row that the caller has, else before all of them. With `$1 is null or id < $1` a plan that
-- is kept for any parameter reads every row before the page; these are inlined, and the index finds the place. By CASE and
-- not by COALESCE, of which the planner thinks that it might tell rows of one tenant to another.
create function page_before(last_seen uuid) returns uuid language sql immutable as $$
    select case when last_seen is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else last_seen end
$$;
create function page_after(last_seen uuid) returns uuid language sql immutable as $$
    select case when last_seen is null then '00000000-0000-0000-0000-000000000000' else last_seen end
$$;
create function page_after(last_seen date) returns date language sql immutable as $$
    select case when last_seen is null then '-infinity' else last_seen end
$$;
create function page_after(last_seen timestamptz) returns timestamptz language sql immutable as $$
    select case when last_seen is null then '-infinity' else last_seen end
$$;
create function page_after(last_seen numeric[]) returns numeric[] language sql immutable as $$
    select case when last_seen is null then '{}' else last_seen end
$$;
