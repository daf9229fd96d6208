-- What an engineer claims for a trip. Opened when dispatch tells that the papers of an order were handed in.

create table evaluation.claim (
    organization text not null,
    claim_id uuid not null,
    work_order_id uuid not null,
    engineer text not null check (engineer <> ''),
    state text not null check (state in ('HANDED_IN', 'VERIFIED', 'AUDITED', 'FILED')),
    owner text check (owner <> ''),
    next_due_at timestamptz,
    claimed numeric not null check (claimed >= 0),
    passed numeric check (passed >= 0),
    refused numeric check (refused >= 0),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, claim_id),
    -- The papers of an order are handed in once, however often that is told.
    constraint claim_of_work_order unique (organization, work_order_id),
    -- No claim is lost: it is open, with somebody who has to act and a time to act by, or filed.
    constraint claim_is_kept check ((state = 'FILED') = (owner is null) and (owner is null) = (next_due_at is null)),
    -- The audit decides every line: nothing that was claimed is neither passed nor refused.
    constraint claim_is_audited check (
        (state in ('AUDITED', 'FILED')) = (passed is not null)
        and (passed is null) = (refused is null)
        and passed + refused = claimed)
);
create index claim_by_due on evaluation.claim (organization, next_due_at) where next_due_at is not null;
call protect('evaluation.claim', 'select, insert, update');

-- Outside companies take part in work, not in how it is judged.
create policy staff on evaluation.claim as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
