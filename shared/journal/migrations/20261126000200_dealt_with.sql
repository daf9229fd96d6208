-- By the type of the events and not by the service that told them: most of what a service tells matters to few of the others,
-- and nobody has to read a feed in which nothing is for him.
drop table settled;

-- How many events of a type had been told of an organisation when this service last dealt with all of them.
create table dealt_with (
    organization text not null,
    type text not null,
    told bigint not null,
    primary key (organization, type)
);
call protect('dealt_with', 'select, insert, update');
