\set at random(:rows - :window + 1, :rows)
select document, version, next_due_at from intake.service_case where organization = 'big' and case_id = cast('00000000000070008' || lpad(to_hex(cast(:at as bigint)), 15, '0') as uuid);
