"""Which database this is."""

import pytest

from koodtx.database.edition import Edition, read_edition
from tests.support.aliases import Db

pytestmark = [pytest.mark.integration]


def licence(db: Db) -> str | None:
    """timescaledb.license of a database with the extension."""
    row = db.execute("select 1 from pg_extension where extname = 'timescaledb'").fetchone()
    if row is None:
        return None
    found = db.execute("show timescaledb.license").fetchone()
    return None if found is None else str(found[0])


def test_edition_is_right(db: Db) -> None:
    expected = {None: "plain", "apache": "apache", "timescale": "community"}[licence(db)]
    found = read_edition(db)
    assert found.name == expected
    assert (found.timescaledb is None) == (expected == "plain")


def test_sensor_data_and_sync_logs_are_hypertables_wherever_the_extension_is(db: Db) -> None:
    if licence(db) is None:
        assert db.execute("select to_regclass('timescaledb_information.hypertables')").fetchone() == (None,)
        return
    rows = db.execute(
        "select hypertable_schema || '.' || hypertable_name from timescaledb_information.hypertables"
        " where hypertable_schema = 'app' order by 1"
    ).fetchall()
    assert rows == [("app.sensor_data",), ("app.sync_logs",)]


def test_chunks_of_sensor_data_have_seven_days(db: Db) -> None:
    if licence(db) is None:
        pytest.skip("this server has no TimescaleDB")
    row = db.execute(
        "select extract(day from time_interval) from timescaledb_information.dimensions"
        " where hypertable_name = 'sensor_data'"
    ).fetchone()
    assert row == (7,)


def test_sensor_data_has_one_index(db: Db) -> None:
    rows = db.execute("select indexname from pg_indexes where schemaname = 'app' and tablename = 'sensor_data'")
    assert rows.fetchall() == [("sensor_data_pkey",)]


@pytest.mark.unit
def test_edition_reads_as_people_say_it() -> None:
    assert str(Edition("apache", "17.6", "2.21.1")) == "PostgreSQL 17.6 + TimescaleDB 2.21.1 (Apache)"
    assert str(Edition("plain", "18.1", None)) == "PostgreSQL 18.1"
