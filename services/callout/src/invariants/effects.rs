//! Same request, same answer; what was told has its effect, once, and in its order.

use super::{Invariant, Of, When};

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "request_has_its_answer",
        says: "a request that was carried out has its answer beside it",
        when: When::Always,
        of: Of::EachService,
        violations: "
            select organization, 'requests/' || request_id, method || ' has no answer'
              from {service}.request
             where answer is null and $1::text[] is not null",
    },
    Invariant {
        name: "request_has_one_entry",
        says: "a request that was carried out has one entry in the audit",
        when: When::Always,
        of: Of::EachService,
        violations: "
            select r.organization, 'requests/' || r.request_id, r.method || ' has ' || count(a.audit_id) || ' entries'
              from {service}.request r
              left join {service}.audit a on a.organization = r.organization and a.cause = r.request_id::text
             where r.method = any ($1)
             group by r.organization, r.request_id, r.method
            having count(a.audit_id) <> 1",
    },
    Invariant {
        name: "event_has_one_effect",
        says: "what a service does because of an event, it does once",
        when: When::Always,
        of: Of::EachFollower,
        violations: "
            select e.organization, e.subject, e.type || ' had its effect in {service} ' || count(*) || ' times'
              from {upstream}.event e
              join {service}.audit a on a.organization = e.organization and a.cause = e.event_id::text
             where e.type = any ($1) and a.method = e.type
             group by e.organization, e.subject, e.event_id, e.type
            having count(*) > 1",
    },
    Invariant {
        name: "events_in_order",
        says: "what happened to a subject has its effects in the order in which it happened",
        when: When::Always,
        of: Of::EachFollower,
        violations: "
            select organization, subject, type || ' had its effect in {service} before what came before it'
              from (select e.organization, e.subject, e.type, a.audit_id,
                           lag(a.audit_id) over (
                               partition by e.organization, e.subject order by e.xid, e.position) as earlier
                      from {upstream}.event e
                      join {service}.audit a
                        on a.organization = e.organization and a.cause = e.event_id::text and a.method = e.type
                     where e.type = any ($1)) each
             where audit_id < earlier",
    },
    Invariant {
        name: "feed_is_read_to_its_end",
        says: "a service has read everything that it asks for of the others' feeds",
        when: When::AtRest,
        of: Of::EachFollower,
        violations: "
            select e.organization, e.subject, e.type || ' was not read by {service}'
              from {upstream}.event e
              left join {service}.follower f on f.name = '{upstream}'
             where e.type = any ($1)
               and (f.name is null or (e.xid, e.position) > (f.xid, f.position))",
    },
    Invariant {
        name: "organizations_agree",
        says: "the services know every organisation as intake does",
        when: When::AtRest,
        of: Of::EachService,
        violations: "
            select i.organization, 'organizations/' || i.organization,
                   '{service} has version ' || coalesce(o.version::text, 'none') || ', intake ' || i.version
              from intake.organization i
              left join {service}.organization o using (organization)
             where o.version is distinct from i.version and $1::text[] is not null",
    },
    Invariant {
        name: "clocks_are_moved_everywhere",
        says: "in a sandbox no service's clock is behind intake's",
        when: When::Always,
        of: Of::EachService,
        violations: "
            select i.organization, 'organizations/' || i.organization,
                   '{service} is at ' || o.clock_at || ', intake at ' || i.clock_at
              from intake.organization i
              join {service}.organization o using (organization)
             where o.clock_at < i.clock_at and $1::text[] is not null",
    },
    Invariant {
        name: "inventory_knows_the_cases",
        says: "inventory knows of every case",
        when: When::AtRest,
        of: Of::Suite,
        violations: "
            select c.organization, 'cases/' || c.case_id, 'inventory does not know it'
              from intake.service_case c
              left join inventory.case_view v using (organization, case_id)
             where v.case_id is null",
    },
    Invariant {
        name: "papers_have_their_claim",
        says: "of every work order whose papers were handed in there is a claim",
        when: When::AtRest,
        of: Of::Suite,
        violations: "
            select e.organization, e.subject, 'handed in, and there is no claim'
              from dispatch.event e
              left join evaluation.claim c
                on c.organization = e.organization and e.subject like '%/workOrders/' || c.work_order_id
             where e.type = 'callout.dispatch.v1.WorkOrderHandedIn' and c.claim_id is null",
    },
    Invariant {
        name: "timers_are_not_late",
        says: "no timer of a live organisation has been due for more than a minute",
        when: When::AtRest,
        of: Of::EachService,
        violations: "
            select t.organization, t.key, 'due since ' || t.run_at
              from {service}.timer t
              join {service}.organization o using (organization)
             where o.mode = 'LIVE' and t.run_at < now() - interval '1 minute' and $1::text[] is not null",
    },
];
