"""What a migrated database consists of, a line each, sorted: from the catalogues, so that nothing is left out."""

from pathlib import Path
from typing import Any

from psycopg import Connection

# Not-null constraints are catalogued since PostgreSQL 18; the columns show them on every version.
_QUERY = """
with own as (select oid, nspname from pg_namespace where nspname in ('app', 'analytics')),
relations as (
    select c.*, n.nspname, format('%I.%I', n.nspname, c.relname) as name
    from pg_class as c join own as n on n.oid = c.relnamespace
)
select concat_ws(' ', 'schema', nspname) as line from own
union all
select concat_ws(' ', case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
        else 'table' end, name, case relpersistence when 'u' then 'unlogged' end, array_to_string(reloptions, ' '))
from relations where relkind in ('r', 'p', 'v', 'm', 'S')
union all
select concat_ws(' ', 'column', format('%s.%I', r.name, a.attname), format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then 'not null' end, case a.attidentity when 'a' then 'identity' end,
        'default ' || pg_get_expr(d.adbin, d.adrelid))
from relations as r
join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on d.adrelid = r.oid and d.adnum = a.attnum
where r.relkind in ('r', 'p', 'v', 'm')
union all
select concat_ws(' ', 'constraint', r.name, c.conname, pg_get_constraintdef(c.oid))
from pg_constraint as c join relations as r on r.oid = c.conrelid where c.contype <> 'n'
union all
select concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid))
from pg_index as i join relations as r on r.oid = i.indrelid
union all
select concat_ws(' ', 'trigger', r.name, pg_get_triggerdef(t.oid, true))
from pg_trigger as t join relations as r on r.oid = t.tgrelid
-- Not those of hypertables, which come and go with TimescaleDB's versions.
where not t.tgisinternal and t.tgname !~ '^ts_'
union all
select concat_ws(' ', case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
        format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_arguments(p.oid)),
        'returns ' || pg_get_function_result(p.oid), l.lanname,
        case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
        case p.proparallel when 's' then 'parallel safe' end, case when p.prosecdef then 'security definer' end,
        array_to_string(p.proconfig, ' '))
from pg_proc as p join own as n on n.oid = p.pronamespace join pg_language as l on l.oid = p.prolang
union all
select concat_ws(' ', 'type', format('%I.%I', n.nspname, t.typname), t.typtype)
from pg_type as t join own as n on n.oid = t.typnamespace
where t.typtype in ('d', 'e', 'r') or t.typtype = 'c' and t.typrelid in (select oid from pg_class where relkind = 'c')
union all
select format('grant %s %s to %s', kind, name, string_agg(grantee, ', ' order by grantee))
from (
    select 'schema' as kind, nspname::text as name, nspacl as acl, nspowner as owner
    from pg_namespace where nspname in ('app', 'analytics')
    union all
    select case relkind when 'S' then 'sequence' else 'table' end, name, relacl, relowner from relations
    where relkind in ('r', 'p', 'v', 'm', 'S')
    union all
    select 'function', format('%I.%I', n.nspname, p.proname),
        coalesce(p.proacl, acldefault('f', p.proowner)), p.proowner
    from pg_proc as p join own as n on n.oid = p.pronamespace
) as granted
cross join lateral (
    select case grantee when 0 then 'public' else pg_get_userbyid(grantee)::text end
        || ' ' || string_agg(lower(privilege_type), '/' order by privilege_type) as grantee
    -- Maintain is a privilege from PostgreSQL 17 on; tests/maintenance has it tried.
    from aclexplode(acl) where grantee <> owner and privilege_type <> 'MAINTAIN'
    group by aclexplode.grantee
) as a
group by kind, name
"""

_HYPERTABLES = """
select format('hypertable %I.%I by %I every %s', hypertable_schema, hypertable_name, column_name, time_interval)
from timescaledb_information.dimensions where hypertable_schema in ('app', 'analytics')
union all
select format('continuous aggregate %I.%I real-time %s', view_schema, view_name, not materialized_only)
from timescaledb_information.continuous_aggregates
union all
select format('columnstore %I.%I %s', hypertable_schema, hypertable_name, compression_enabled)
from timescaledb_information.hypertables where hypertable_schema in ('app', 'analytics')
union all
-- Numbers of hypertables are as they come.
select format('job %s on %s every %s %s', proc_name,
    coalesce(hypertable_schema || '.' || hypertable_name, 'the database'), schedule_interval,
    config - 'mat_hypertable_id' - 'hypertable_id')
from timescaledb_information.jobs where job_id >= 1000
"""


_FOLDER = Path(__file__).parent / "schema"
_EDITIONS = ("apache", "community", "plain")


def listing(connection: Connection[Any]) -> list[str]:
    lines = [row[0] for row in connection.execute(_QUERY)]
    if connection.execute("select 1 from pg_extension where extname = 'timescaledb'").fetchone():
        lines += [row[0] for row in connection.execute(_HYPERTABLES)]
    return sorted(lines)


def read(edition: str) -> list[str]:
    """What was written of an edition: what all have in common, and its own."""
    return sorted(_lines("common") + _lines(edition))


def write(edition: str, lines: list[str]) -> None:
    """Writes the files again; the other editions stay as they were read."""
    whole = {other: set(read(other)) for other in _EDITIONS} | {edition: set(lines)}
    common = set.intersection(*whole.values())
    for name, found in {"common": common, **{name: found - common for name, found in whole.items()}}.items():
        (_FOLDER / f"{name}.txt").write_text("".join(f"{line}\n" for line in sorted(found)))


def _lines(name: str) -> list[str]:
    file = _FOLDER / f"{name}.txt"
    return file.read_text().splitlines() if file.exists() else []
