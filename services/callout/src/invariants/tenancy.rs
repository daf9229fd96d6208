//! A tenant sees its own.

use super::{Invariant, Of, When};

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "rows_are_bound",
        says: "every table with rows of an organisation is under forced row level security, with the tenant's policy",
        when: When::Always,
        of: Of::EachService,
        violations: "
            select '', '{service}.' || c.relname,
                   case when not c.relrowsecurity then 'is not under row level security'
                        when not c.relforcerowsecurity then 'its owner is not under row level security'
                        else 'has no policy for the tenant' end
              from pg_class c
              join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization' and not a.attisdropped
             where c.relnamespace = '{service}'::regnamespace and c.relkind in ('r', 'p')
               and not (c.relrowsecurity and c.relforcerowsecurity
                        and exists(select from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant'))
               and $1::text[] is not null",
    },
    Invariant {
        name: "services_keep_to_themselves",
        says: "a service's role can use its own schema alone, owns nothing in it, and is bound by its policies",
        when: When::Always,
        of: Of::EachService,
        violations: "
            select '', r.rolname::text,
                   case when r.rolsuper or r.rolbypassrls then 'is not bound by row level security'
                        when n.nspname = '{service}' then 'owns tables of its schema'
                        else 'may use the schema ' || n.nspname end
              from pg_roles r
             cross join pg_namespace n
             where r.rolname = 'svc_{service}' and n.nspname in ('intake', 'dispatch', 'inventory', 'evaluation')
               and (r.rolsuper or r.rolbypassrls
                    or (n.nspname <> '{service}' and has_schema_privilege(r.oid, n.oid, 'usage'))
                    or (n.nspname = '{service}'
                        and exists(select from pg_class c where c.relnamespace = n.oid and c.relowner = r.oid
                                                            and c.relkind in ('r', 'p'))))
               and $1::text[] is not null",
    },
];
