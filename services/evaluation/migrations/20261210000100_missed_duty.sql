-- A duty of a period that is over, which nothing can make good: nobody owes it any more, and it was not done.
alter table evaluation.duty add column missed_at timestamptz;
alter table evaluation.duty drop constraint duty_is_kept;
-- Nothing that is owed is lost: either somebody owes it, or it was done, or it is missed for good.
alter table evaluation.duty add constraint duty_is_kept check (
    (done_at is null and missed_at is null) = (owner is not null) and (done_at is null or missed_at is null));
