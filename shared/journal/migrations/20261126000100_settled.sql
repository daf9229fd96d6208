-- Counted and not by a place in the feed: an older transaction may commit after a younger one, and what it has told then lies
-- before a place that was read already.
drop table settled;

-- How many events of an organisation each service had told when this one last dealt with all that it had told.
create table settled (
    organization text not null,
    name text not null,
    told bigint not null,
    primary key (organization, name)
);
call protect('settled', 'select, insert, update');
