\set at random(1000, 10000)
select case_id, document, version, next_due_at from twin.page where organization = 'big' and case_id < cast('00000000000070008' || lpad(to_hex(cast(:at as bigint)), 15, '0') as uuid) order by case_id desc limit 51;
