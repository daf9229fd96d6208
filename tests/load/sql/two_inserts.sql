begin;
insert into twin.service_case (organization, state, document) values ('acme', 'AT_DESK', cast(:document as jsonb));
insert into twin.event (organization, subject, type, payload) values ('acme', 'organizations/acme/cases/1', 'callout.intake.v1.CaseReceived', cast(:payload as bytea));
commit;
