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
        pg_get_viewdef(c.oid) as definition, obj_description(c.oid, 'pg_class') as comment
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
    """`description`: as PostgreSQL names it in messages."""

    name: str
    description: str
    definition: str
    comment: str | None

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
    connection.execute(sql.SQL("create view {} as {}").format(view.identifier, sql.SQL(view.definition)))
    if view.comment is not None:
        connection.execute(sql.SQL("comment on view {} is {}").format(view.identifier, sql.Literal(view.comment)))
    connection.execute(sql.SQL("alter view {} owner to {}").format(view.identifier, _OWNER))
