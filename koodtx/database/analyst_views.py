"""The views that analysts keep in the schema `analysts`: recreated after those of KooDTX that they use."""

from typing import Any

import psycopg
from msgspec import Struct
from psycopg import Connection, sql

from koodtx.database.errors import MigrationError

_OWNER = sql.Identifier("koodtx_analyst")

_KEPT = """
    select
        c.relname as name, pg_describe_object('pg_class'::regclass, c.oid, 0) as description,
        pg_get_viewdef(c.oid) as definition, obj_description(c.oid, 'pg_class') as comment,
        coalesce(c.reloptions, '{}') as options,
        array(
            select format(
                'grant %s on %s to %s%s', r.privilege_type, c.oid::regclass,
                case r.grantee when 0 then 'public' else r.grantee::regrole::text end,
                case when r.is_grantable then ' with grant option' else '' end
            )
            from aclexplode(c.relacl) as r
            where r.grantee <> c.relowner
        ) || array(
            select format('comment on column %s.%I is %L', c.oid::regclass, a.attname, d.description)
            from pg_description as d
            join pg_attribute as a on a.attrelid = d.objoid and a.attnum = d.objsubid
            where d.classoid = 'pg_class'::regclass and d.objoid = c.oid and d.objsubid > 0
        ) as statements
    from pg_class as c
    where c.relnamespace = to_regnamespace('analysts') and c.relkind = 'v'
    order by c.oid
"""

_OBJECTS = """
    select format('%s %I.%I', case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end,
        n.nspname, c.relname)
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = 'analysts' and c.relkind in ('r', 'v', 'm', 'p')
    union all
    select format('routine %s', p.oid::regprocedure) from pg_proc as p
    where p.pronamespace = to_regnamespace('analysts')
"""


class View(Struct, frozen=True):
    """`description`: as PostgreSQL names it in messages; `statements`: its rights and the comments of its columns."""

    name: str
    description: str
    definition: str
    comment: str | None
    options: list[str]
    statements: list[str]

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier("analysts", self.name)


def kept_views(connection: Connection[Any]) -> list[View]:
    """Returns the views of analysts, in the order in which they were created."""
    return [View(*row) for row in connection.execute(_KEPT)]


def recreate(connection: Connection[Any], views: list[View]) -> None:
    """Creates views again, one after those that it uses. They belong to koodtx_analyst, so that every analyst has them.

    Raises MigrationError with the names of views that no longer fit.
    """
    while views:
        failed: dict[str, str] = {}
        for view in views:
            try:
                with connection.transaction():
                    _create(connection, view)
            except psycopg.Error as error:
                failed[view.name] = str(error).splitlines()[0]
        if len(failed) == len(views):
            problems = "; ".join(f"analysts.{name}: {problem}" for name, problem in failed.items())
            raise MigrationError(
                f"nothing was changed: views of analysts do not fit this version ({problems})."
                " Drop or change them, then run `koodtx migrate` again"
            )
        views = [view for view in views if view.name in failed]


def give_to_analysts(connection: Connection[Any]) -> None:
    """Makes koodtx_analyst the owner of all that is in the schema: a view has the rights of its owner.

    For a restored database, in which everything belongs to the role that restored it.
    """
    for (name,) in connection.execute(_OBJECTS).fetchall():
        connection.execute(sql.SQL("alter {} owner to {}").format(sql.SQL(name), _OWNER))


def _create(connection: Connection[Any], view: View) -> None:
    options = sql.SQL("with ({}) " if view.options else "").format(sql.SQL(", ".join(view.options)))
    connection.execute(sql.SQL("create view {} {}as {}").format(view.identifier, options, sql.SQL(view.definition)))
    if view.comment is not None:
        connection.execute(sql.SQL("comment on view {} is {}").format(view.identifier, sql.Literal(view.comment)))
    for statement in view.statements:
        connection.execute(sql.SQL(statement))
    connection.execute(sql.SQL("alter view {} owner to {}").format(view.identifier, _OWNER))
