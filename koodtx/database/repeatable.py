"""Repeatable migrations: the functions, views, comments and grants of sql/, recreated whenever any of them changed.

The old ones are dropped first. Otherwise a function with changed parameters would stay beside the new one, a removed
one would stay permanently, and the columns of a view could not change while something reads it.
"""

import hashlib
from typing import Any

from psycopg import Connection, sql

from koodtx.database.analyst_views import View, kept_views, recreate
from koodtx.database.errors import MigrationError
from koodtx.resources import project_folder

_OURS = """
    select pg_describe_object('pg_class'::regclass, c.oid, 0), 'drop view if exists ' || c.oid::regclass || ' cascade'
    from pg_class as c
    where c.relkind = 'v' and c.relnamespace in ('app'::regnamespace, 'analytics'::regnamespace)
        and c.oid <> all(%(of_migrations)s::text[]::regclass[])
    union all
    select
        pg_describe_object('pg_proc'::regclass, p.oid, 0),
        'drop routine if exists ' || p.oid::regprocedure || ' cascade'
    from pg_proc as p
    where p.pronamespace in ('app'::regnamespace, 'analytics'::regnamespace)
        -- Migrations make functions of triggers with the triggers, which could not do without them.
        and p.prorettype <> 'trigger'::regtype
"""

_EVERYTHING = """
    select pg_describe_object(o.catalogue, o.oid, 0) from (
        select 'pg_class'::regclass as catalogue, oid from pg_class
        union all select 'pg_proc'::regclass, oid from pg_proc
        union all select 'pg_attrdef'::regclass, oid from pg_attrdef
        union all select 'pg_constraint'::regclass, oid from pg_constraint
        union all select 'pg_trigger'::regclass, oid from pg_trigger
    ) as o
    where o.oid >= 16384  -- smaller ones are PostgreSQL's own
        and o.oid not in (select c.oid from pg_class as c where c.relnamespace = 'pg_toast'::regnamespace)
    union all
    -- Columns whose type may be a row of a view: they would be dropped with it.
    select pg_describe_object('pg_class'::regclass, a.attrelid, a.attnum)
    from pg_attribute as a
    where a.atttypid >= 16384 and a.attnum > 0 and not a.attisdropped
        and a.attrelid in (select c.oid from pg_class as c where c.relkind in ('r', 'p', 'c', 'f'))
"""


def apply_sql(connection: Connection[Any]) -> bool:
    """Recreates all of sql/ in one transaction if any of it changed. Returns whether it did.

    Views of analysts that use them are recreated too. Raises MigrationError when another object that KooDTX did not
    create depends on what would be dropped, or when a view of analysts does not fit any more.
    """
    folder = project_folder("sql")
    files = [folder / name for name in (folder / "order.txt").read_text().split()]
    # A migration may have dropped views and comments of the tables that it replaced.
    migrations = "".join(name for (name,) in connection.execute("select name from app.migration_checksums order by 1"))
    digest = hashlib.sha256(b"".join([migrations.encode(), *(path.read_bytes() for path in files)])).hexdigest()
    with connection.transaction():
        connection.execute("create table if not exists app.deployed_sql (sha256 text not null)")
        if connection.execute("select 1 from app.deployed_sql where sha256 = %s", [digest]).fetchone():
            return False
        dropped_views = _drop_ours(connection)
        for path in files:
            connection.execute(sql.SQL(path.read_text()))
        recreate(connection, dropped_views)
        connection.execute("delete from app.deployed_sql")
        connection.execute("insert into app.deployed_sql values (%s)", [digest])
    return True


def _drop_ours(connection: Connection[Any]) -> list[View]:
    """Drops KooDTX's objects by cascade, as they depend on one another.

    Returns the views of analysts that were dropped with them; nothing else may be.
    """
    ours = connection.execute(_OURS, {"of_migrations": _views_of_migrations(connection)}).fetchall()
    kept = kept_views(connection)
    before = _everything(connection)
    for _, statement in ours:
        connection.execute(statement)
    lost = before - _everything(connection) - {name for name, _ in ours}
    foreign = lost - {view.description for view in kept}
    if foreign:
        raise MigrationError(
            f"functions or views of KooDTX that must be recreated are used by {', '.join(sorted(foreign))}:"
            " drop it, migrate, and create it again; views in the schema analysts are kept"
        )
    return [view for view in kept if view.description in lost]


def _views_of_migrations(connection: Connection[Any]) -> list[str]:
    """Returns the views that migrations make: partials, as plain views or continuous aggregates, which hold data."""
    views = ["app.minute_partials", "app.hour_partials"]
    if connection.execute("select to_regclass('timescaledb_information.continuous_aggregates')").fetchone() == (None,):
        return views
    rows = connection.execute(
        "select format('%I.%I', view_schema, view_name) from timescaledb_information.continuous_aggregates"
    )
    return views + [name for (name,) in rows]


def _everything(connection: Connection[Any]) -> set[str]:
    return {name for (name,) in connection.execute(_EVERYTHING)}
