"""Makes docs/sql-reference.md from the comments of schema analytics: `python -m tools.sql_page`."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import class_row

from koodtx.database.migrate import migrate
from koodtx.embedded.choose import find_postgres
from koodtx.embedded.postgres import PrivatePostgres
from koodtx.resources import project_folder
from koodtx.settings import Settings

_HEAD = """# What analysts can query

Every view, function and aggregate of the schema `analytics`, the same on every edition of the database. This page
is made from the comments in `sql/`. [For analysts](analysts.md) shows what to ask with them.
"""

# By the folders of sql/, in the order of their use.
_ROOMS = {
    "recordings": "Users, sessions and sensors",
    "rollups": "Rollups, which outlive readings",
    "coverage": "Coverage of days",
    "analysis": "Readings and their analysis",
    "distance": "Distances, stays and trips",
    "mobility": "Places and mobility of users",
    "activity": "Activity",
    "rhythm": "Rhythm of days",
    "labels": "Labels",
    "alignment": "Grids, joins by time and points to draw",
    "elevation": "Elevation",
    "heart_rate": "Heart rate",
    "statistics": "Statistics",
    "geo": "Geography",
    "database": "Times and days",
}

# Columns and parameters are {name, type, default} each. No default: the parameter must be given.
_OBJECTS = """
    select
        c.relname as name, 'view' as kind, obj_description(c.oid, 'pg_class') as comment, null as result,
        '[]'::json as parameters,
        (
            select json_agg(json_build_object('name', a.attname, 'type', a.atttypid::regtype::text) order by a.attnum)
            from pg_attribute as a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        ) as columns
    from pg_class as c
    where c.relnamespace = 'analytics'::regnamespace and c.relkind in ('v', 'm', 'r', 'p', 'f')
    union all
    select
        p.proname, case p.prokind when 'a' then 'aggregate' else 'function' end, obj_description(p.oid, 'pg_proc'),
        case when p.proretset then 'rows of ' else '' end || p.prorettype::regtype,
        coalesce(
            json_agg(
                json_build_object(
                    'name', a.name, 'type', a.type::regtype::text,
                    'default', pg_get_function_arg_default(p.oid, a.place)
                ) order by a.place
            ) filter (where a.mode = 'i'), '[]'
        ),
        coalesce(
            json_agg(json_build_object('name', a.name, 'type', a.type::regtype::text) order by a.place)
            filter (where a.mode <> 'i'), '[]'
        )
    from pg_proc as p
    left join lateral (
        select u.type, coalesce(u.mode, 'i') as mode, coalesce(u.name, '') as name, u.place::integer
        from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes, p.proargnames)
        with ordinality as u (type, mode, name, place)
    ) as a on true
    where p.pronamespace = 'analytics'::regnamespace
    group by p.oid
    order by name
"""


class _Object(Struct):
    """A view, function or aggregate; `result`: what a function returns, None for a view."""

    name: str
    kind: str
    comment: str
    result: str | None
    parameters: list[dict[str, Any]]
    columns: list[dict[str, Any]]


def markdown(connection: Connection[Any]) -> str:
    """docs/sql-reference.md, of a migrated database."""
    with connection.transaction(), connection.cursor(row_factory=class_row(_Object)) as cursor:
        # Names of types are qualified by what is not in it.
        cursor.execute("set local search_path = pg_catalog")
        objects = cursor.execute(_OBJECTS).fetchall()
    rooms = _rooms()
    parts = [_HEAD]
    for room, title in _ROOMS.items():
        parts.append(f"## {title}\n")
        parts.extend(_section(item) for item in objects if rooms[item.name] == room)
    return "\n".join(parts)


def _rooms() -> dict[str, str]:
    """The folder of sql/ in which each object is made."""
    paths = (project_folder("sql") / "order.txt").read_text().split()
    return {Path(path).stem: Path(path).parent.name for path in paths}


def _section(item: _Object) -> str:
    lines = [f"### {item.name}", "", f"*{item.kind.capitalize()}.* {_prose(item.comment)}", "", *_tables(item)]
    return "\n".join(lines)


def _tables(item: _Object) -> Iterator[str]:
    if item.parameters:
        yield from ["| parameter | type | default |", "|---|---|---|"]
        yield from (
            f"| `{one['name'] or 'value'}` | {_type(one['type'])} | {_default(one['default'])} |"
            for one in item.parameters
        )
        yield ""
    if item.columns:
        yield from [f"| {'column' if item.kind == 'view' else 'column of the answer'} | type |", "|---|---|"]
        yield from (f"| `{one['name']}` | {_type(one['type'])} |" for one in item.columns)
        yield ""
    elif item.result is not None:
        yield from [f"Answers {_type(item.result)}.", ""]


def _prose(comment: str) -> str:
    return re.sub(r"([*<])", r"\\\1", comment)


def _type(name: str) -> str:
    name = name.replace("timestamp with time zone", "timestamptz")
    return re.sub(r"analytics\.(\w+)", r"[\1](#\1)", name)


def _default(expression: str | None) -> str:
    if expression is None:
        return "must be given"
    return f"`{re.sub(r'::[a-z ]+$', '', expression).replace('NULL', 'null')}`"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="koodtx-reference-") as folder:
        # The server may run as another user.
        Path(folder).chmod(0o755)
        postgres = PrivatePostgres(find_postgres(None, print), Path(folder) / "postgres")
        postgres.start()
        try:
            url = postgres.conninfo()
            migrate(Settings(database_url=url, secret_key="-" * 32))
            with psycopg.connect(url) as connection:
                page = markdown(connection)
        finally:
            postgres.stop()
    (Path(__file__).parent.parent / "docs" / "sql-reference.md").write_text(page)


if __name__ == "__main__":
    main()
