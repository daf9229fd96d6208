-- How far this service is with an organisation: how many events of each type it has told, how many of each type had been told
-- when it last dealt with all of them, and when its next timer runs. Asked so often while a clock is moved that it is one
-- statement and no transaction; for the suite's own services only, and it is the service that sees to that.
create function standing_of(of_organization text)
returns table (told text[], numbers bigint[], dealt_with text[], counts bigint[], next_due timestamptz)
language sql stable security definer set search_path from current as $$
    select coalesce(array_agg(s.type) filter (where s.is_told), '{}'),
           coalesce(array_agg(s.number) filter (where s.is_told), '{}'),
           coalesce(array_agg(s.type) filter (where not s.is_told), '{}'),
           coalesce(array_agg(s.number) filter (where not s.is_told), '{}'),
           (select min(t.run_at) from timer t where t.organization = of_organization)
      from (select true as is_told, e.type, count(*) as number
              from event e where e.organization = of_organization group by e.type
            union all
            select false, d.type, d.told from dealt_with d where d.organization = of_organization) as s
$$;
create policy suite on dealt_with for select to current_user using (true);
