-- How well people worked, and what they are paid for it: as what they are employed, what was agreed with them, the figures
-- that were counted, cards, results, performance pay. Results and amounts are frozen: what the service may not update, no
-- fault of its code can change.

-- As what a person is employed from a day on, until the next one begins.
create table evaluation.appointment (
    organization text not null,
    appointment_id uuid not null,
    person text not null check (person <> ''),
    from_on date not null,
    document jsonb not null,
    primary key (organization, appointment_id),
    constraint appointment_begins unique (organization, person, from_on)
);
call protect('evaluation.appointment', 'select, insert');

-- What was agreed with a person for a period; of several the last one holds.
create table evaluation.goal_sheet (
    organization text not null,
    goal_sheet_id uuid not null,
    card text not null check (card <> ''),
    person text not null check (person <> ''),
    period_start_on date not null,
    document jsonb not null,
    primary key (organization, goal_sheet_id)
);
create index goal_sheet_of_period on evaluation.goal_sheet (organization, card, person, period_start_on, goal_sheet_id);
call protect('evaluation.goal_sheet', 'select, insert');

-- Figures of a month, as they were entered together.
create table evaluation.figure_entry (
    organization text not null,
    figure_entry_id uuid not null,
    card text not null check (card <> ''),
    person text not null check (person <> ''),
    -- The first day of the month.
    month_on date not null check (extract(day from month_on) = 1),
    in_window boolean not null,
    state text not null check (state in ('ENTERED', 'REVIEWED', 'WITHDRAWN')),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, figure_entry_id)
);
create index figure_entry_of_period on evaluation.figure_entry (organization, card, person, month_on, figure_entry_id);
call protect('evaluation.figure_entry', 'select, insert, update (state, document, version)');

create table evaluation.figure (
    organization text not null,
    figure_entry_id uuid not null,
    card text not null,
    person text not null,
    month_on date not null,
    figure text not null check (figure <> ''),
    value numeric not null check (value >= 0),
    withdrawn boolean not null default false,
    primary key (organization, figure_entry_id, figure),
    constraint figure_of_entry foreign key (organization, figure_entry_id) references evaluation.figure_entry
);
-- What was counted in a month is there once: whoever enters it again has to take the first one back.
create unique index figure_once on evaluation.figure (organization, card, person, month_on, figure) where not withdrawn;
call protect('evaluation.figure', 'select, insert, update (withdrawn)');

-- Cards that people were shown for their conduct.
create table evaluation.conduct_card (
    organization text not null,
    card_id uuid not null,
    kind text not null check (kind <> ''),
    person text not null check (person <> ''),
    shown_on date not null,
    document jsonb not null,
    primary key (organization, card_id)
);
create index conduct_card_by_person on evaluation.conduct_card (organization, person, shown_on);
call protect('evaluation.conduct_card', 'select, insert');

-- A rating has a course now: what is put on record with it may change, the result never does.
alter table evaluation.scorecard
    add column standing jsonb not null default '{}',
    add column version bigint not null default 1,
    -- The first day of the period, of a scorecard on which a person has one result a period.
    add column period_start_on date,
    -- Without a result when something took it away.
    alter column result drop not null;
create unique index scorecard_once on evaluation.scorecard (organization, card, person, period_start_on)
    where period_start_on is not null;
grant update (standing, version) on evaluation.scorecard to svc_evaluation;

-- A share of a person's performance pay for a period.
create table evaluation.performance_pay (
    organization text not null,
    performance_pay_id uuid not null,
    share text not null check (share <> ''),
    scorecard_id uuid not null,
    person text not null check (person <> ''),
    period_start_on date not null,
    amount numeric not null check (amount >= 0),
    paid_at timestamptz,
    paid_by text check (paid_by <> ''),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, performance_pay_id),
    constraint performance_pay_of_scorecard foreign key (organization, scorecard_id) references evaluation.scorecard,
    constraint performance_pay_once unique (organization, scorecard_id, share),
    constraint performance_pay_is_paid check ((paid_at is null) = (paid_by is null))
);
create index performance_pay_by_person on evaluation.performance_pay (organization, person, performance_pay_id);
call protect('evaluation.performance_pay', 'select, insert, update (paid_at, paid_by, version)');

-- What a person earned in a year.
create table evaluation.annual_income (
    organization text not null,
    annual_income_id uuid not null,
    person text not null check (person <> ''),
    year int not null,
    total numeric not null,
    document jsonb not null,
    primary key (organization, annual_income_id),
    constraint annual_income_once unique (organization, person, year)
);
call protect('evaluation.annual_income', 'select, insert');

create policy staff on evaluation.appointment as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.goal_sheet as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.figure_entry as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.figure as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.conduct_card as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.performance_pay as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.annual_income as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
