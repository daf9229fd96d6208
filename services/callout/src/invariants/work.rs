//! No case is lost, and nobody is in two places.

use super::{Invariant, Of, When};

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "open_case_is_kept",
        says: "a case that is not in a final state has somebody who has to act, and a time to act by",
        when: When::Always,
        of: Of::Suite,
        violations: "
            select organization, 'cases/' || case_id, state || ', owner ' || coalesce(owner, 'none')
              from intake.service_case
             where state not in ('ANSWERED', 'SOLVED', 'CANCELLED') and (owner is null or next_due_at is null)",
    },
    Invariant {
        name: "open_order_is_kept",
        says: "a work order that is not in a final state has somebody who has to act, and a time to act by",
        when: When::Always,
        of: Of::Suite,
        violations: "
            select organization, 'workOrders/' || work_order_id, state || ', owner ' || coalesce(owner, 'none')
              from dispatch.work_order
             where state not in ('CLOSED', 'CANCELLED') and (owner is null or next_due_at is null)",
    },
    Invariant {
        name: "open_claim_is_kept",
        says: "a claim that is not filed has somebody who has to act, and a time to act by",
        when: When::Always,
        of: Of::Suite,
        violations: "
            select organization, 'claims/' || claim_id, state || ', owner ' || coalesce(owner, 'none')
              from evaluation.claim
             where state <> 'FILED' and (owner is null or next_due_at is null)",
    },
    Invariant {
        name: "one_active_order",
        says: "a case has one active work order at most",
        when: When::Always,
        of: Of::Suite,
        violations: "
            select organization, 'cases/' || case_id, count(*) || ' active work orders'
              from dispatch.work_order
             where state not in ('CLOSED', 'CANCELLED')
             group by organization, case_id
            having count(*) > 1",
    },
    Invariant {
        name: "nobody_in_two_places",
        says: "no two visits of an engineer overlap",
        when: When::Always,
        of: Of::Suite,
        violations: "
            select a.organization, 'engineers/' || a.engineer_id, 'visits ' || a.visit_id || ' and ' || b.visit_id
              from dispatch.visit a
              join dispatch.visit b
                on (b.organization, b.engineer_id) = (a.organization, a.engineer_id) and b.visit_id > a.visit_id
             where not a.cancelled and not b.cancelled
               and tstzrange(a.start_at, a.end_at) && tstzrange(b.start_at, b.end_at)",
    },
    Invariant {
        name: "case_has_its_order",
        says: "a case that is dispatched has an active work order, which is its own",
        when: When::AtRest,
        of: Of::Suite,
        violations: "
            select c.organization, 'cases/' || c.case_id, 'dispatched, its order is ' || coalesce(o.state, 'not there')
              from intake.service_case c
              left join dispatch.work_order o
                on (o.organization, o.work_order_id, o.case_id) = (c.organization, c.work_order_id, c.case_id)
             where c.state = 'DISPATCHED' and coalesce(o.state, 'CLOSED') in ('CLOSED', 'CANCELLED')",
    },
    Invariant {
        name: "order_has_its_case",
        says: "the case of an active work order that intake knows is dispatched to it",
        when: When::AtRest,
        of: Of::Suite,
        violations: "
            select o.organization, 'workOrders/' || o.work_order_id, 'active, its case is ' || c.state
              from dispatch.work_order o
              join intake.service_case c on (c.organization, c.case_id) = (o.organization, o.case_id)
             where o.state not in ('CLOSED', 'CANCELLED')
               and (c.state <> 'DISPATCHED' or c.work_order_id is distinct from o.work_order_id)",
    },
];
