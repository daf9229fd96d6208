-- The roles of the pack in which an engineer goes, where a rule asks who is assigned to a case.
alter table dispatch.engineer add column roles text[] not null default '{}';
