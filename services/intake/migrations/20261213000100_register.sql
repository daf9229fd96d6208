-- The number under which a case stands in a register of the organisation, and the case that it takes up again.
alter table intake.service_case
    add column register text check (register <> ''),
    add column register_number text check (register_number <> ''),
    add column previous_case_id uuid,
    add constraint case_register_is_whole check ((register is null) = (register_number is null)),
    add constraint case_registered_once unique (organization, register, register_number),
    add constraint case_previous foreign key (organization, previous_case_id) references intake.service_case,
    add constraint case_is_not_its_previous check (previous_case_id <> case_id);
