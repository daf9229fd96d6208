-- Takes so many numbers of each kind and month for each organisation, and says the last of each: for callers of all
-- organisations together, hence in the name of the owner. In one order, so that no two who take several wait for each other.
create function take_numbers(organizations text[], kinds text[], months date[], counts bigint[])
returns table (organization text, kind text, month date, last bigint)
language plpgsql security definer set search_path from current as $$
#variable_conflict use_column
begin
    return query
    insert into document_number as n (organization, kind, month, last)
    select * from unnest(organizations, kinds, months, counts) order by 1, 2, 3
        on conflict (organization, kind, month) do update set last = n.last + excluded.last
    returning n.organization, n.kind, n.month, n.last;
end
$$;
create policy suite on document_number to current_user using (true);
