-- Marks given to a person. A rating is never edited: the service may add rows and read them.

create table evaluation.scorecard (
    organization text not null,
    scorecard_id uuid not null,
    -- The scorecard of the pack.
    card text not null check (card <> ''),
    person text not null check (person <> ''),
    -- A day in the period rated.
    day date not null,
    result numeric not null,
    document jsonb not null,
    primary key (organization, scorecard_id)
);
create index scorecard_by_person on evaluation.scorecard (organization, person, scorecard_id);
call protect('evaluation.scorecard', 'select, insert');

create policy staff on evaluation.scorecard as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
