"""What an analyst may do: ask everything of schema analytics, touch nothing of schema app."""

import psycopg
import pytest

from tests.support.readings import reading_at, series

pytestmark = [pytest.mark.integration, pytest.mark.auth]

FUNCTIONS = {
    "session_readings(%s)": 43, "session_metrics(%s)": 5, "session_quality(%s)": 2, "session_distance(%s)": 1,
    "minute_distance(%s)": 1, "session_stays(%s, 1e6, 1)": 1, "session_trips(%s)": 1,
    "session_anomalies(%s)": 5, "session_anomalies(%s, _mode => 'robust')": 5,
    "session_anomalies(%s, _mode => 'rolling')": 5, "session_series(%s, 'thermometer', _points => 5)": 5,
    "session_analysis(%s)": 1, "metrics_report(%s)": 1, "anomaly_report(%s)": 1,
    "session_grid(%s, '{gps}', '1 s', '1 s', '{speed}')": 3, "session_grid(%s, '{gps}', '1 s', '1 s')": 18,
    "session_asof(%s, 'thermometer', 'temperature', 'gps', 'speed')": 40, "session_elevation(%s)": 1,
    "session_lttb(%s, 'thermometer', _points => 5)": 5,
    "session_heart_rate_zones(%s, 180, _sensor => 'thermometer')": 6,
}  # fmt: skip


def test_an_analyst_may_call_every_function(record, analyst, db):
    fixes = [
        reading_at(n, "gps", latitude=1.0, longitude=n / 2000, speed=n, altitude=n % 2, accuracy=3, floor=n % 3)
        for n in range(3)
    ]
    readings = series([float(n % 5) for n in range(40)]) + fixes
    session = record(readings)
    for function, rows in FUNCTIONS.items():
        assert len(analyst(f"select * from analytics.{function}", session)) == rows, function
    [user] = analyst("select id from analytics.users")
    db.execute("select app.archive_readings(%s)", [session])
    for function in ("session_metrics", "session_analysis", "metrics_report", "session_rollup", "session_percentiles"):
        assert analyst(f"select * from analytics.{function}(%s)", session), function
    record(readings)
    for function in (
        "user_percentiles",
        "user_metrics",
        "user_quality",
        "user_distance",
        "user_anomalies",
        "user_sessions",
    ):
        assert analyst(f"select * from analytics.{function}(%s, '2025-10-01', '2025-10-31')", user["id"]), function
    october = "%s, '2025-10-09', '2025-10-09', 'UTC'"
    for function in (f"user_stays({october}, 1e6, 1)", f"user_mobility({october})"):
        assert analyst(f"select * from analytics.{function}", user["id"]), function
    assert analyst("select * from analytics.user_coverage(%s, '2025-10-09', '2025-10-09')", user["id"])
    rhythm = "select * from analytics.user_rhythm(%s, 'thermometer', 'temperature', '2025-10-09', '2025-10-09')"
    assert analyst(rhythm, user["id"])
    for function in ("mobility_report", "activity_report", "rhythm_report"):
        assert analyst(f"select analytics.{function}(%s, '2025-10-09', '2025-10-09')", user["id"]), function
    [row] = analyst("select analytics.user_statistics(%s, '2025-10-01', '2025-10-31') as found", user["id"])
    assert row["found"]["total_records"] == 86


def test_an_analyst_may_read_every_view(record, analyst):
    record(series([1.0, 2.0]))
    assert len(analyst("select * from analytics.readings")) == 2
    assert len(analyst("select * from analytics.sessions")) == 1
    assert [row["sensor"] for row in analyst("select * from analytics.session_sensors")] == ["thermometer"]


@pytest.mark.parametrize("name", ["sensor_data", "users", "stored_readings", "recording_sessions"])
def test_an_analyst_sees_nothing_of_app(analyst, name):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        analyst(f"select * from app.{name}")


def test_an_analyst_writes_nothing(analyst):
    assert (
        analyst(
            "select c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
            " where n.nspname in ('app', 'analytics')"
            " and has_table_privilege(c.oid, 'insert, update, delete, truncate')"
        )
        == []
    )


def test_users_have_no_name(analyst):
    rows = analyst("select column_name as name from information_schema.columns where table_name = 'users'")
    assert {row["name"] for row in rows} == {"id", "timezone", "created_at"}


# Of those that are given both times, as the workers give them.
WITH_TIMES = {
    "session_readings(%(s)s, {span})", "session_metrics(%(s)s, {span})", "session_quality(%(s)s, {span})",
    "session_distance(%(s)s, 20, 60, {span})", "minute_distance(%(s)s)", "session_stays(%(s)s, 1e6, 1)",
    "session_trips(%(s)s)",
    "session_anomalies(%(s)s, 1, 'global', 60, {span})",
    "session_series(%(s)s, 'gps', {span})", "sensor_rates(%(s)s, {span})",
    "sensor_intervals(%(s)s, (select max(sensor_type_id) from app.sensor_data), null, {span})",
    "parallel_intervals(%(s)s, (select max(sensor_type_id) from app.sensor_data), null, {span})",
    "column_moments(%(s)s, {span})", "session_metrics(%(s)s, {span}, false, %(columns)s)",
    "global_outliers(%(s)s, %(metrics)s, 0.1, {span})", "robust_outliers(%(s)s, %(metrics)s, 0.1, {span})",
    "rolling_outliers(%(s)s, %(metrics)s, 0.1, 60, {span})", "channel_values(%(s)s, %(metrics)s, {span})",
    "session_grid(%(s)s, '{{gps}}', '1 s', '1 s')", "session_asof(%(s)s, 'gps', 'speed', 'gps', 'speed')",
    "session_lttb(%(s)s, 'gps', {span})", "session_elevation(%(s)s, 'gps', 1, null, 'speed')",
    "session_heart_rate_zones(%(s)s, 180, _sensor => 'gps')",
    "session_counters(%(s)s, {span})", "text_numbers(%(s)s, {span})", "session_rollup(%(s)s)",
    "session_percentiles(%(s)s)", "session_epochs(%(s)s, 'wrist', null, 5, {span})",
    "session_cadence(%(s)s, 'wrist', {span})", "session_nonwear(%(s)s, 'wrist', null, 2, 1, 13, 50, {span})",
    "dominant_frequency(%(s)s, 'wrist', 0.5, 5, 0.5, {span})",
}  # fmt: skip


@pytest.mark.parametrize("function", sorted(WITH_TIMES), ids=lambda name: name.split("(")[0])
def test_nothing_is_told_of_a_deleted_session(record, db, function):
    session = record(
        [
            reading_at(n, "gps", latitude=1.0, longitude=n / 2000, speed=n % 7, floor=n % 3, steps=n, text="5")
            for n in range(30)
        ]
        + [reading_at(n / 10, "wrist", x=1.0, y=n % 2, z=9.81) for n in range(40)]
    )
    query = "select * from analytics." + function.format(span="'2025-01-01', '2025-12-31'")
    [(metrics,)] = db.execute("select jsonb_agg(m)::text from analytics.session_metrics(%s) as m", [session]).fetchall()
    [(columns,)] = db.execute("select jsonb_agg(c)::text from analytics.column_moments(%s) as c", [session]).fetchall()
    values = {"s": session, "metrics": metrics, "columns": columns}
    assert db.execute(query, values).fetchall()
    db.execute("select app.delete_session(user_id, session_id) from app.recording_sessions where id = %s", [session])
    assert db.execute("select count(*) from app.sensor_data").fetchone() == (70,)
    assert db.execute(query, values).fetchall() == []
