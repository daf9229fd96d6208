\set item random(0, :items - 1)
begin;
update twin.balance set quantity = quantity - 1 where item = :item and account = 'ON_HAND' and quantity >= 1;
update twin.balance set quantity = quantity + 1 where item = :item and account = 'LENT';
insert into twin.movement (item, account, quantity) values (:item, 'ON_HAND', -1), (:item, 'LENT', 1);
commit;
