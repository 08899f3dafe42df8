"""sql/ and migrations/ keep their own rules."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

_ROOT = Path(__file__).parent.parent.parent
_SQL = _ROOT / "sql"
_FILES = sorted(_SQL.rglob("*.sql"))

pytestmark = [pytest.mark.unit]

# What may be run at every deploy: nothing here makes or loses data.
_ALLOWED = re.compile(
    r"create or replace (function|procedure|view) |comment on |grant |revoke |drop function if exists |"
    r"drop view if exists |create view |alter default privileges "
)


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


@pytest.mark.parametrize("path", _FILES, ids=lambda path: str(path.relative_to(_SQL)))
def test_sql_file_holds_allowed_statements_only(path: Path) -> None:
    found = statements(path.read_text())
    assert found
    assert [statement for statement in found if not _ALLOWED.match(statement)] == []


@pytest.mark.parametrize("path", _FILES, ids=lambda path: str(path.relative_to(_SQL)))
def test_sql_file_begins_by_saying_what_it_is(path: Path) -> None:
    assert path.read_text().startswith("-- ")


@pytest.mark.parametrize("path", [path for path in _FILES if path.name != "grants.sql"], ids=lambda path: path.stem)
def test_sql_file_makes_the_one_function_it_is_named_for(path: Path) -> None:
    made = re.findall(r"create or replace (?:function|view) (\w+)\.(\w+)", path.read_text())
    assert [name for _, name in made] == [path.stem]
    assert made[0][0] in ("app", "analytics")


def test_only_grants_file_grants() -> None:
    granting = [
        path.name for path in _FILES if any(re.match("grant |revoke ", s) for s in statements(path.read_text()))
    ]
    assert granting == ["grants.sql"]


@pytest.mark.integration
def test_each_function_has_a_file_and_one_overload(db: psycopg.Connection[Any]) -> None:
    rows = db.execute(
        "select pronamespace::regnamespace::text || '.' || proname from pg_proc"
        " where pronamespace::regnamespace::text in ('app', 'analytics') order by 1"
    ).fetchall()
    text = "".join(path.read_text() for path in _FILES)
    made = re.findall(r"create or replace (?:function|procedure) (\w+\.\w+)", text)
    assert [name for (name,) in rows] == sorted(made)


@pytest.mark.integration
def test_writing_functions_fix_their_search_path(db: psycopg.Connection[Any]) -> None:
    rows = db.execute(
        "select proname from pg_proc join pg_language as l on l.oid = prolang"
        " where pronamespace::regnamespace::text in ('app', 'analytics') and lanname = 'plpgsql'"
        " and not coalesce('search_path=pg_catalog, pg_temp' = any(proconfig), false)"
    ).fetchall()
    assert rows == []


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
