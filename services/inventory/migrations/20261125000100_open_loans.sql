-- How much is lent and wanted, for those who watch the suite.

-- Functions that work for all organisations at once run in the name of the owner of the schema.
create policy suite on inventory.loan_slip to current_user using (true);
create policy suite on inventory.loan_line to current_user using (true);
create policy suite on inventory.purchase_requisition to current_user using (true);

create index requisition_open on inventory.purchase_requisition (organization) where state = 'OPEN';

-- For each mode the issued slips of all organisations of which something is outstanding, those of them for which the time
-- has passed by which somebody had to act (its last second is in time), and the requisitions that are not fulfilled.
-- Whatever is not at zero has a due time, and the index on that holds nothing else.
create function inventory.open_loans(as_of timestamptz)
returns table (mode text, outstanding bigint, overdue bigint, requisitions bigint)
language sql stable security definer set search_path = inventory, pg_temp as $$
    select m.mode, s.outstanding, s.overdue, r.requisitions
      from (values ('LIVE'), ('SANDBOX')) m (mode)
     cross join lateral (
            select count(*) as outstanding,
                   count(*) filter (where s.next_due_at + interval '1 second' <= coalesce(o.clock_at, as_of)) as overdue
              from inventory.loan_slip s join inventory.organization o using (organization)
             where o.mode = m.mode and s.next_due_at is not null and s.state = 'ISSUED'
               and exists(select from inventory.loan_line l
                           where l.organization = s.organization and l.loan_slip_id = s.loan_slip_id
                             and l.outstanding > 0)) s
     cross join lateral (
            select count(*) as requisitions
              from inventory.purchase_requisition p join inventory.organization o using (organization)
             where o.mode = m.mode and p.state = 'OPEN') r
$$;
