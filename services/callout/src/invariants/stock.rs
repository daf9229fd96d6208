//! Stock is conserved.

use super::{Invariant, Of, When};

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "balance_is_what_moved",
        says: "the balance of an account is the sum of the movements into it less those out of it",
        when: When::Always,
        of: Of::Suite,
        violations: "
            with moved as (
                select organization, item_id, account, place_id, sum(quantity) as quantity
                  from (select organization, item_id, to_account as account, to_place_id as place_id, quantity
                          from inventory.movement
                         union all
                        select organization, item_id, from_account, from_place_id, -quantity
                          from inventory.movement) each
                 group by organization, item_id, account, place_id)
            select coalesce(b.organization, m.organization), 'items/' || coalesce(b.item_id, m.item_id),
                   coalesce(b.account, m.account) || ': balance ' || coalesce(b.quantity, 0) || ', moved '
                   || coalesce(m.quantity, 0)
              from inventory.balance b
              full join moved m
                on m.organization = b.organization and m.item_id = b.item_id and m.account = b.account
               and m.place_id is not distinct from b.place_id
             where coalesce(b.quantity, 0) <> coalesce(m.quantity, 0)",
    },
    Invariant {
        name: "stock_is_conserved",
        says: "of an item, what was received is on hand, lent, in transit, in inspection, used, scrapped or lost",
        when: When::Always,
        of: Of::Suite,
        violations: "
            select organization, 'items/' || item_id, 'the accounts make ' || sum(quantity) || ' together'
              from inventory.balance
             group by organization, item_id
            having sum(quantity) <> 0",
    },
    Invariant {
        name: "nothing_from_nothing",
        says: "no account but those of suppliers and customers is below zero",
        when: When::Always,
        of: Of::Suite,
        violations: "
            select organization, 'items/' || item_id, account || ' is ' || quantity
              from inventory.balance
             where quantity < 0 and account not in ('RECEIVED', 'CUSTOMER')",
    },
    Invariant {
        name: "slip_line_adds_up",
        says: "of a line of a loan slip, what was issued came back, was used up, was lost or is outstanding",
        when: When::Always,
        of: Of::Suite,
        violations: "
            select organization, 'loanSlips/' || loan_slip_id || '/lines/' || line,
                   'issued ' || issued || ', accounted for ' || unused + replaced + consumed + lost + outstanding
              from inventory.loan_line
             where issued <> unused + replaced + consumed + lost + outstanding",
    },
    Invariant {
        name: "papers_say_what_moved",
        says: "lines of loan slips and of parts requisitions, and returns of customers, say what the ledger says of them",
        when: When::Always,
        of: Of::Suite,
        violations: "
            with paper as (
                select organization, 'loanSlips/' || loan_slip_id || '/lines/' || line as name, issued,
                       replaced as came, lost
                  from inventory.loan_line
                 union all
                select organization, 'partsRequisitions/' || parts_requisition_id || '/lines/' || line, issued,
                       returned, 0
                  from inventory.parts_requisition_line
                 union all
                select organization, 'customerReturns/' || customer_return_id, 0, coalesce(actual, 0), 0
                  from inventory.customer_return
            ), moved as (
                select organization, cause,
                       coalesce(sum(quantity) filter (where from_account = 'ON_HAND'), 0) as issued,
                       coalesce(sum(quantity) filter (where from_account = 'CUSTOMER'), 0) as came,
                       coalesce(sum(quantity) filter (where to_account = 'LOST'), 0) as lost
                  from inventory.movement
                 group by organization, cause)
            select p.organization, p.name,
                   'issued ' || p.issued || ', came from the customer ' || p.came || ', lost ' || p.lost || '; moved '
                   || coalesce(m.issued, 0) || ', ' || coalesce(m.came, 0) || ', ' || coalesce(m.lost, 0)
              from paper p
              left join moved m
                on m.organization = p.organization and m.cause = 'organizations/' || p.organization || '/' || p.name
             where (p.issued, p.came, p.lost)
                   is distinct from (coalesce(m.issued, 0), coalesce(m.came, 0), coalesce(m.lost, 0))",
    },
];
