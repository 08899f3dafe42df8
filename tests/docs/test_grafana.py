"""deploy/grafana: its files fit together, and every query of its dashboard is answered to an analyst."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from typing import Any

import psycopg
import pytest
import yaml
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from koodtx.embedded.choose import find_postgres
from tests.docs.pages import ROOT

_FOLDER = ROOT / "deploy" / "grafana"
_DASHBOARD: dict[str, Any] = json.loads((_FOLDER / "dashboards" / "recordings.json").read_text())
_PANELS: list[dict[str, Any]] = _DASHBOARD["panels"]
_SOURCE: dict[str, Any] = yaml.safe_load((_FOLDER / "provisioning" / "datasources" / "koodtx.yaml").read_text())
_RECORDED = ("2022-01-01T00:00:00Z", "2025-12-31T00:00:00Z")
_NEVER = ("2019-01-01T00:00:00Z", "2019-12-31T00:00:00Z")

by_panel = pytest.mark.parametrize("panel", _PANELS, ids=lambda panel: panel["title"])


@pytest.fixture
def analyst(analysts_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(analysts_url, autocommit=True) as connection:
        yield connection


@pytest.mark.unit
def test_everything_asks_the_data_source_that_is_provisioned() -> None:
    (source,) = _SOURCE["datasources"]
    asked = [_DASHBOARD["templating"]["list"][0]["datasource"], *(panel["datasource"] for panel in _PANELS)]
    asked += [target["datasource"] for panel in _PANELS for target in panel["targets"]]

    assert len(asked) == 2 * len(_PANELS) + 1
    assert {(one["type"], one["uid"]) for one in asked} == {(source["type"], source["uid"])}


@pytest.mark.unit
def test_the_data_source_is_set_by_the_environment_that_compose_gives() -> None:
    named = set(re.findall(r"\$\{(\w+)\}", json.dumps(_SOURCE)))
    grafana = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["grafana"]

    assert named == {name for name in grafana["environment"] if name.startswith("KOODTX_")}
    (provider,) = yaml.safe_load((_FOLDER / "provisioning" / "dashboards" / "koodtx.yaml").read_text())["providers"]
    assert f"./deploy/grafana/dashboards:{provider['options']['path']}:ro" in grafana["volumes"]
    assert "./deploy/grafana/provisioning:/etc/grafana/provisioning:ro" in grafana["volumes"]


@pytest.mark.unit
def test_panels_have_ids_of_their_own_and_do_not_cover_each_other() -> None:
    assert len({panel["id"] for panel in _PANELS}) == len({panel["title"] for panel in _PANELS}) == len(_PANELS) == 10
    assert all(panel["description"] for panel in _PANELS)
    for one, other in combinations([panel["gridPos"] for panel in _PANELS], 2):
        is_beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        is_above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert is_beside or is_above


@pytest.mark.integration
@by_panel
def test_an_analyst_gets_rows_as_the_panel_draws_them(analyst: psycopg.Connection[Any], panel: dict[str, Any]) -> None:
    (target,) = panel["targets"]
    # One session by its id, several as Grafana writes them, all by what the variable says.
    for sessions in ("2", "'1','2','3'", _DASHBOARD["templating"]["list"][0]["allValue"]):
        cursor = analyst.execute(_literal(target["rawSql"], _RECORDED, sessions))
        rows = cursor.fetchall()
        assert rows
        if target["format"] == "time_series":
            _assert_series([column.name for column in cursor.description or ()], rows)


@pytest.mark.integration
@by_panel
def test_a_time_without_recordings_is_no_error(analyst: psycopg.Connection[Any], panel: dict[str, Any]) -> None:
    analyst.execute(_literal(panel["targets"][0]["rawSql"], _NEVER, "'1','2','3'"))


@pytest.mark.integration
def test_readings_an_hour_are_all_there_are(analyst: psycopg.Connection[Any]) -> None:
    (panel,) = (panel for panel in _PANELS if panel["title"] == "Readings per hour")
    rows = analyst.execute(_literal(panel["targets"][0]["rawSql"], _RECORDED, "1,2,3,4,5")).fetchall()
    total = analyst.execute("select sum(record_count) from analytics.sessions").fetchone()

    assert total == (sum(readings for _, _, readings in rows),)


@pytest.mark.integration
def test_sessions_of_the_time_can_be_chosen(analyst: psycopg.Connection[Any]) -> None:
    (variable,) = _DASHBOARD["templating"]["list"]
    cursor = analyst.execute(_literal(variable["query"], _RECORDED, ""))

    assert [column.name for column in cursor.description or ()] == ["__text", "__value"]
    assert cursor.fetchall() == [
        ("2 drive", 2),
        ("1 campus-walk", 1),
        ("3 paddle", 4),
        ("3 sit-stand-walk", 3),
        ("3 sit-stand-walk-wrist", 5),
    ]
    assert analyst.execute(_literal(variable["query"], _NEVER, "")).fetchall() == []


@pytest.mark.integration
def test_the_login_can_do_what_analysts_can(server: str, database_url: str) -> None:
    try:
        # The second time is that of the next start.
        for password in ("first", "second"):
            made = _make_login(database_url, GRAFANA_PASSWORD="admin", GRAFANA_DATABASE_PASSWORD=password)
            assert made.returncode == 0, made.stderr
        url = make_conninfo(database_url, user="koodtx_grafana", password="second")
        with psycopg.connect(url, autocommit=True) as connection:
            assert connection.execute("show statement_timeout").fetchone() == ("1min",)
            connection.execute("select from analytics.sessions")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select from app.users")
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute("drop role if exists koodtx_grafana")


@pytest.mark.integration
@pytest.mark.parametrize("missing", ["GRAFANA_PASSWORD", "GRAFANA_DATABASE_PASSWORD"])
def test_no_login_is_made_while_a_password_is_missing(db: psycopg.Connection[Any], missing: str) -> None:
    passwords = {"GRAFANA_PASSWORD": "admin", "GRAFANA_DATABASE_PASSWORD": "database"}
    made = _make_login(db.info.dsn, **passwords | {missing: ""}, PGPASSWORD=db.info.password)

    assert made.returncode != 0
    assert "in .env" in made.stderr
    assert db.execute("select from pg_roles where rolname = 'koodtx_grafana'").fetchall() == []


def _literal(sql: str, span: tuple[str, str], sessions: str) -> str:
    """The query with Grafana's macros and variables replaced as Grafana does."""
    begin, end = span
    sql = re.sub(r"\$__timeFilter\(([\w.]+)\)", rf"\1 BETWEEN '{begin}' AND '{end}'", sql)
    sql = sql.replace("$session", sessions)
    assert "$" not in sql
    return sql


def _assert_series(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    """Grafana wants the time first, in order, a text that names the line, and a number."""
    assert names[0] == "time"
    assert names[1:-1] in ([], ["metric"])
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert all(isinstance(row[0], datetime) and isinstance(row[-1], float) for row in rows)
    assert len({row[:-1] for row in rows}) == len(rows)


def _make_login(url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = find_postgres(os.environ.get("KOODTX_POSTGRES_KIND"), print).bin_dir / "psql"
    password = {"PGPASSWORD": str(conninfo_to_dict(url).get("password", ""))}
    command = [program, "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--file={_FOLDER / 'login.sql'}", url]
    return subprocess.run(command, env=password | environment, capture_output=True, text=True, timeout=60, check=False)
