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
        name: "slip_line_is_what_moved",
        says: "a line of a loan slip says of what was issued, replaced and lost what the ledger says of it",
        when: When::Always,
        of: Of::Suite,
        violations: "
            with moved as (
                select organization, cause,
                       sum(quantity) filter (where from_account = 'ON_HAND') as issued,
                       sum(quantity) filter (where from_account = 'CUSTOMER') as replaced,
                       sum(quantity) filter (where to_account = 'LOST') as lost
                  from inventory.movement
                 group by organization, cause)
            select l.organization, 'loanSlips/' || l.loan_slip_id || '/lines/' || l.line,
                   'issued ' || l.issued || ', replaced ' || l.replaced || ', lost ' || l.lost || '; moved '
                   || coalesce(m.issued, 0) || ', ' || coalesce(m.replaced, 0) || ', ' || coalesce(m.lost, 0)
              from inventory.loan_line l
              left join moved m
                on m.organization = l.organization
               and m.cause = 'organizations/' || l.organization || '/loanSlips/' || l.loan_slip_id || '/lines/' || l.line
             where (l.issued, l.replaced, l.lost)
                   is distinct from (coalesce(m.issued, 0), coalesce(m.replaced, 0), coalesce(m.lost, 0))",
    },
    Invariant {
        name: "requisition_line_is_what_moved",
        says: "a line of a parts requisition says of what was issued and came back what the ledger says of it",
        when: When::Always,
        of: Of::Suite,
        violations: "
            with moved as (
                select organization, cause,
                       sum(quantity) filter (where from_account = 'ON_HAND') as issued,
                       sum(quantity) filter (where from_account = 'CUSTOMER') as returned
                  from inventory.movement
                 group by organization, cause)
            select l.organization, 'partsRequisitions/' || l.parts_requisition_id || '/lines/' || l.line,
                   'issued ' || l.issued || ', returned ' || l.returned || '; moved '
                   || coalesce(m.issued, 0) || ', ' || coalesce(m.returned, 0)
              from inventory.parts_requisition_line l
              left join moved m
                on m.organization = l.organization
               and m.cause = 'organizations/' || l.organization || '/partsRequisitions/' || l.parts_requisition_id
                   || '/lines/' || l.line
             where (l.issued, l.returned) is distinct from (coalesce(m.issued, 0), coalesce(m.returned, 0))",
    },
    Invariant {
        name: "return_is_what_moved",
        says: "what came with a return of a customer is in the ledger once",
        when: When::Always,
        of: Of::Suite,
        violations: "
            select r.organization, 'customerReturns/' || r.customer_return_id,
                   coalesce(r.actual, 0) || ' came, moved ' || coalesce(sum(m.quantity), 0)
              from inventory.customer_return r
              left join inventory.movement m
                on m.organization = r.organization
               and m.cause = 'organizations/' || r.organization || '/customerReturns/' || r.customer_return_id
             group by r.organization, r.customer_return_id, r.actual
            having coalesce(r.actual, 0) <> coalesce(sum(m.quantity), 0)",
    },
];
