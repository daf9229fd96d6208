-- Where a page begins: at the last row that the caller has, else before all of them. With `$1 is null or id < $1` a plan that
-- is kept for any parameter reads every row before the page; these are inlined, and the index finds the place.
create function page_before(last_seen uuid) returns uuid language sql immutable as $$
    select coalesce(last_seen, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
$$;
create function page_after(last_seen uuid) returns uuid language sql immutable as $$
    select coalesce(last_seen, '00000000-0000-0000-0000-000000000000')
$$;
