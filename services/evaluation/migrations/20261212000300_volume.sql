-- Records that are bound for a period and kept. No role may delete one: what is destroyed after its term stays on record.

create table evaluation.volume (
    organization text not null,
    volume_id uuid not null,
    -- What is kept in it, of the pack's retention.
    kept text not null check (kept <> ''),
    period_start_on date not null,
    period_end_on date not null,
    -- The last day on which it is kept; null for ever.
    keep_until date,
    state text not null check (state in ('BOUND', 'TAKEN_OVER', 'DESTROYED')),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, volume_id),
    constraint volume_days check (period_start_on <= period_end_on),
    -- The records of a period are bound once.
    constraint volume_of_period unique (organization, kept, period_start_on),
    -- What is kept for ever is never destroyed.
    constraint volume_is_kept check (state <> 'DESTROYED' or keep_until is not null)
);
call protect('evaluation.volume', 'select, insert, update');

create policy staff on evaluation.volume as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
