-- What a case cost, who bears it, and what was taken from bonuses for it. Of a loss only the approval is ever added, of a
-- share how much of it was deducted: never more than it is.

create table evaluation.loss (
    organization text not null,
    loss_id uuid not null,
    kind text not null check (kind <> ''),
    subject text not null check (subject <> ''),
    judged_on date not null,
    amount numeric not null check (amount >= 0),
    approved_at timestamptz,
    approved_by text check (approved_by <> ''),
    document jsonb not null,
    version bigint not null default 1,
    primary key (organization, loss_id),
    constraint loss_is_approved check ((approved_at is null) = (approved_by is null))
);
create index loss_by_subject on evaluation.loss (organization, subject, loss_id);
call protect('evaluation.loss', 'select, insert, update (approved_at, approved_by, version)');

create table evaluation.loss_share (
    organization text not null,
    loss_id uuid not null,
    person text not null check (person <> ''),
    amount numeric not null check (amount >= 0),
    deducted numeric not null default 0,
    primary key (organization, loss_id, person),
    constraint share_of_loss foreign key (organization, loss_id) references evaluation.loss,
    constraint share_is_deducted_once check (deducted >= 0 and deducted <= amount)
);
create index loss_share_owed on evaluation.loss_share (organization, person) where deducted < amount;
call protect('evaluation.loss_share', 'select, insert, update (deducted)');

create table evaluation.bonus_deduction (
    organization text not null,
    bonus_deduction_id uuid not null,
    deduction text not null check (deduction <> ''),
    person text not null check (person <> ''),
    -- The first day of the month.
    month_on date not null check (extract(day from month_on) = 1),
    cap numeric not null check (cap >= 0),
    total numeric not null,
    document jsonb not null,
    primary key (organization, bonus_deduction_id),
    constraint bonus_deducted_once unique (organization, deduction, person, month_on),
    constraint bonus_deduction_is_capped check (total >= 0 and total <= cap)
);
create index bonus_deduction_by_person on evaluation.bonus_deduction (organization, person, bonus_deduction_id);
call protect('evaluation.bonus_deduction', 'select, insert');

create policy staff on evaluation.loss as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.loss_share as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
create policy staff on evaluation.bonus_deduction as restrictive
    using (coalesce(current_setting('app.agency', true), '') = '');
