"""sql/ and migrations/ keep their own rules."""

import itertools
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

_ROOT = Path(__file__).parent.parent.parent
_SQL = _ROOT / "sql"
_FILES = sorted(_SQL.rglob("*.sql"))

pytestmark = [pytest.mark.unit]

_MADE = r"create or replace (?:function|procedure|aggregate|view) "
# What may be run at every deploy: nothing here makes or loses data. What an older version made, migrate drops.
_ALLOWED = re.compile(_MADE + r"|comment on |grant |revoke ")
# A privilege that older versions of PostgreSQL do not know is granted by `do`.
_ALLOWED_TO_GRANTS = re.compile(_ALLOWED.pattern + r"|do ''")


def statements(text: str) -> list[str]:
    """Statements of a file, without comments, bodies blanked out."""
    text = re.sub(r"--[^\n]*", "", text)
    text = re.sub(r"\$(\w*)\$.*?\$\1\$", "''", text, flags=re.S)
    text = re.sub(r"begin atomic.*?\nend;", ";", text, flags=re.S)
    text = re.sub(r"'[^']*'", "''", text)
    return [" ".join(statement.split()) for statement in text.split(";") if statement.strip()]


def test_each_sql_file_is_listed_once() -> None:
    listed = (_SQL / "order.txt").read_text().split()
    assert sorted(listed) == [
        str(path.relative_to(_SQL)) for path in sorted(_FILES, key=lambda p: str(p.relative_to(_SQL)))
    ]
    assert listed[-1] == "grants.sql"


def test_a_folder_uses_only_folders_before_it() -> None:
    """Order of the folders as in order.txt: each is listed in one piece, and what a file uses is made before it."""
    listed = [Path(line) for line in (_SQL / "order.txt").read_text().split()]
    folders = [folder for folder, _ in itertools.groupby(path.parent.name for path in listed)]
    assert len(folders) == len(set(folders))
    assert folders.index("recordings") < folders.index("sync") < folders.index("rollups") < folders.index("analysis")
    place = {name: folders.index(path.parent.name) for path in _FILES for name in made_in(path)}
    later = [
        f"{path.relative_to(_SQL)} uses {name}"
        for path in _FILES
        if path.name != "grants.sql"
        for name in re.findall(r"\b(?:app|analytics)\.\w+", without_comments(path.read_text()))
        if place.get(name, -1) > folders.index(path.parent.name)
    ]
    assert later == []


def made_in(path: Path) -> list[str]:
    return [] if path.name == "grants.sql" else re.findall(_MADE + r"(\w+\.\w+)", path.read_text())


def without_comments(text: str) -> str:
    return re.sub(r"comment on .*?';", "", re.sub(r"--[^\n]*", "", text), flags=re.S)


@pytest.mark.parametrize("path", _FILES, ids=lambda path: str(path.relative_to(_SQL)))
def test_sql_file_holds_allowed_statements_only(path: Path) -> None:
    found = statements(path.read_text())
    assert found
    allowed = _ALLOWED_TO_GRANTS if path.name == "grants.sql" else _ALLOWED
    assert [statement for statement in found if not allowed.match(statement)] == []


@pytest.mark.parametrize("path", _FILES, ids=lambda path: str(path.relative_to(_SQL)))
def test_sql_file_begins_by_saying_what_it_is(path: Path) -> None:
    assert path.read_text().startswith("-- ")


@pytest.mark.parametrize("path", [path for path in _FILES if path.name != "grants.sql"], ids=lambda path: path.stem)
def test_sql_file_makes_the_one_object_it_is_named_for(path: Path) -> None:
    made = re.findall(_MADE + r"(\w+)\.(\w+)", path.read_text())
    assert [name for _, name in made] == [path.stem]
    assert made[0][0] in ("app", "analytics")


@pytest.mark.parametrize("path", [path for path in _FILES if path.name != "grants.sql"], ids=lambda path: path.stem)
def test_sql_file_comments_on_nothing_but_its_object(path: Path) -> None:
    commented = re.findall(r"comment on \w+ (\w+)\.(\w+)", path.read_text())
    assert {name for _, name in commented} <= {path.stem}


def test_only_grants_file_grants() -> None:
    granting = [
        path.name for path in _FILES if any(re.match("grant |revoke ", s) for s in statements(path.read_text()))
    ]
    assert granting == ["grants.sql"]


@pytest.mark.integration
def test_each_function_and_view_has_a_file_and_one_overload(db: psycopg.Connection[Any]) -> None:
    rows = db.execute(
        "select pronamespace::regnamespace::text || '.' || proname as name from pg_proc"
        " where pronamespace::regnamespace::text in ('app', 'analytics')"
        # Migrations make functions of triggers.
        " and prorettype <> 'trigger'::regtype"
        " union all"
        " select schemaname || '.' || viewname from pg_views where schemaname in ('app', 'analytics')"
        # What rollups read is made by the migrations of each edition.
        " and viewname not in ('minute_partials', 'hour_partials')"
    ).fetchall()
    text = "".join(path.read_text() for path in _FILES)
    assert sorted(name for (name,) in rows) == sorted(re.findall(_MADE + r"(\w+\.\w+)", text))


@pytest.mark.integration
def test_no_function_depends_on_the_search_path_of_its_caller(db: psycopg.Connection[Any]) -> None:
    """`begin atomic` was parsed when it was made. What is parsed when it runs must say where its names are.

    Not asked of procedures: one that commits may set nothing.
    """
    rows = db.execute(
        "select proname from pg_proc join pg_language as l on l.oid = prolang"
        " where pronamespace::regnamespace::text in ('app', 'analytics') and prokind not in ('a', 'p')"
        " and prosqlbody is null and not coalesce('search_path=pg_catalog, pg_temp' = any(proconfig), false)"
    ).fetchall()
    assert rows == []


@pytest.mark.integration
def test_functions_of_analysts_only_read(db: psycopg.Connection[Any]) -> None:
    rows = db.execute(
        "select proname from pg_proc where pronamespace = 'analytics'::regnamespace"
        " and (provolatile = 'v' or proparallel <> 's' or prosecdef)"
    ).fetchall()
    assert rows == []


@pytest.mark.integration
def test_everything_an_analyst_can_ask_is_explained(db: psycopg.Connection[Any]) -> None:
    """Functions, aggregates, views."""
    rows = db.execute(
        "select p.oid::regprocedure::text, obj_description(p.oid, 'pg_proc') from pg_proc as p"
        " where p.pronamespace = 'analytics'::regnamespace"
        " union all"
        " select c.oid::regclass::text, obj_description(c.oid, 'pg_class') from pg_class as c"
        " where c.relnamespace = 'analytics'::regnamespace and c.relkind in ('v', 'm', 'r', 'p', 'f')"
    ).fetchall()
    assert len(rows) > 30
    assert [name for name, text in rows if len(text or "") < 40] == []


@pytest.mark.integration
def test_the_comment_of_a_view_names_each_of_its_columns(db: psycopg.Connection[Any]) -> None:
    rows = db.execute(
        "select c.relname, a.attname, obj_description(c.oid, 'pg_class') from pg_class as c"
        " join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0"
        " where c.relnamespace = 'analytics'::regnamespace and c.relkind in ('v', 'm')"
    ).fetchall()
    assert [(view, column) for view, column, text in rows if not re.search(rf"\b{column}\b", text)] == []


@pytest.mark.integration
def test_nothing_of_ours_is_in_public(db: psycopg.Connection[Any]) -> None:
    """What belongs to an extension may be there."""
    rows = db.execute(
        """
        select c.relname from pg_class as c
        where c.relnamespace = 'public'::regnamespace
            and not exists (select from pg_depend as d where d.objid = c.oid and d.deptype = 'e')
        union all
        select p.proname from pg_proc as p
        where p.pronamespace = 'public'::regnamespace
            and not exists (select from pg_depend as d where d.objid = p.oid and d.deptype = 'e')
        """
    ).fetchall()
    assert rows == []
