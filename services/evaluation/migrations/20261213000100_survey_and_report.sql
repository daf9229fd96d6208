-- What customers think of each call, and what people did on a day.

-- The calls of which intake told, where the regulation asks about each.
create table evaluation.call (
    organization text not null,
    case_id uuid not null,
    day date not null,
    primary key (organization, case_id)
);
create index call_by_day on evaluation.call (organization, day, case_id);
call protect('evaluation.call', 'select, insert');

create table evaluation.call_register (
    organization text not null,
    survey text not null check (survey <> ''),
    day date not null,
    sent_at timestamptz not null,
    sent_by text not null check (sent_by <> ''),
    constraint register_of_day primary key (organization, survey, day)
);
call protect('evaluation.call_register', 'select, insert');

create table evaluation.survey_card (
    organization text not null,
    survey_card_id uuid not null,
    survey text not null check (survey <> ''),
    case_id uuid not null,
    day date not null,
    -- Whom it rates; null before it came back.
    person text check (person <> ''),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, survey_card_id),
    constraint card_of_call foreign key (organization, case_id) references evaluation.call,
    -- A call has one card.
    constraint card_is_one unique (organization, survey, case_id)
);
create index survey_card_by_person on evaluation.survey_card (organization, survey, person, day);
call protect('evaluation.survey_card', 'select, insert, update');

create table evaluation.work_report (
    organization text not null,
    work_report_id uuid not null,
    report text not null check (report <> ''),
    day date not null,
    -- Empty at the centre.
    branch text not null,
    author text not null check (author <> ''),
    state text not null check (state in ('DRAFT', 'SIGNED', 'SENT')),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, work_report_id),
    constraint report_is_one unique (organization, report, day, branch, author)
);
call protect('evaluation.work_report', 'select, insert, update');

-- Outside companies take part in work, not in how it is rated.
create policy staff on evaluation.call as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.call_register as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.survey_card as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.work_report as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
