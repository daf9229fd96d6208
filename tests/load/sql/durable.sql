insert into twin.line (note) values ('one durable statement');
