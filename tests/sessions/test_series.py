"""A sensor for a chart."""

from datetime import datetime
from typing import Any

import pytest

from tests.support.aliases import Client, Db, Document
from tests.support.readings import reading_at

pytestmark = [pytest.mark.api, pytest.mark.sync]


def test_series_keeps_minimum_and_maximum_of_each_bucket(
    client: Client, auth_headers: Document, recording_session: Document
) -> None:
    url = "/api/sessions/session-1/series?sensor=accelerometer&points=10"

    series = client.get(url, headers=auth_headers).json()

    assert len(series["at"]) == 10
    assert series["at"][0] == "2025-10-09T08:53:20Z"
    assert set(series["axes"]) == {"x", "y", "z", "magnitude"}
    assert (min(series["axes"]["x"]["min"]), max(series["axes"]["x"]["max"])) == (0.0, 99 / 8)
    assert all(low <= high for low, high in zip(series["axes"]["y"]["min"], series["axes"]["y"]["max"], strict=True))


def test_series_between_two_times(client: Client, auth_headers: Document, recording_session: Document) -> None:
    span = {"from": "2025-10-09T08:53:20.100Z", "to": "2025-10-09T08:53:20.190Z"}

    series = client.get(
        "/api/sessions/session-1/series", params={"sensor": "accelerometer", **span}, headers=auth_headers
    ).json()

    assert series["axes"]["x"]["min"] == [index / 8 for index in range(10, 20)]


def test_series_of_an_unknown_sensor_is_empty(
    client: Client, auth_headers: Document, recording_session: Document
) -> None:
    series = client.get("/api/sessions/session-1/series?sensor=thermometer", headers=auth_headers).json()

    assert (series["at"], series["axes"]) == ([], {})


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", "sensor"),
        ("sensor=", "sensor"),
        ("sensor=a%00", "sensor"),
        ("sensor=a&points=0", "points"),
        ("sensor=a&points=1e9", "points"),
        ("sensor=a&method=mean", "method"),
        ("sensor=a&method=", "method"),
        ("sensor=a&method=lttb&points=2", "points"),
        ("sensor=a&from=tomorrow", "from"),
        ("sensor=a&from=0001-01-01T00:00:00%2B14:00&points=1", "from"),
        ("sensor=a&to=9999-12-31T23:59:59-14:00", "to"),
        ("sensor=a&to=2025-10-09T08:53:20", "to"),
        ("sensor=a&from=2025-10-09T08:53:21Z&to=2025-10-09T08:53:20Z", "from"),
    ],
)
def test_series_rejects_a_wrong_query(
    client: Client, auth_headers: Document, recording_session: Document, query: str, named: str
) -> None:
    reply = client.get(f"/api/sessions/session-1/series?{query}", headers=auth_headers)

    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == [named]


def test_series_of_another_users_session_is_not_found(
    client: Client, create_user: Any, recording_session: Document
) -> None:
    stranger = create_user("stranger")["headers"]

    assert client.get("/api/sessions/session-1/series?sensor=accelerometer", headers=stranger).status_code == 404


def test_lttb_returns_readings_of_each_axis(
    client: Client, auth_headers: Document, recording_session: Document
) -> None:
    query = {"sensor": "accelerometer", "points": 5, "method": "lttb"}

    series = client.get("/api/sessions/session-1/series", params=query, headers=auth_headers).json()

    assert series.keys() == {"method", "session_id", "sensor", "axes"}
    assert series["method"] == "lttb"
    assert set(series["axes"]) == {"x", "y", "z", "magnitude"}
    line = series["axes"]["x"]
    assert line["at"][0] == "2025-10-09T08:53:20Z"
    times = [datetime.fromisoformat(at) for at in line["at"]]
    assert times == sorted(set(times))
    assert (len(line["at"]), len(line["value"]), line["value"][0], line["value"][-1]) == (5, 5, 0.0, 99 / 8)


def test_lttb_between_two_times(client: Client, auth_headers: Document, recording_session: Document) -> None:
    span = {"from": "2025-10-09T08:53:20.100Z", "to": "2025-10-09T08:53:20.190Z"}
    query = {"sensor": "accelerometer", "method": "lttb", **span}

    series = client.get("/api/sessions/session-1/series", params=query, headers=auth_headers).json()

    assert series["axes"]["x"]["value"] == [index / 8 for index in range(10, 20)]


def test_lttb_of_archived_readings_has_a_point_per_minute(
    client: Client, auth_headers: Document, create_session: Any, db: Db
) -> None:
    create_session([reading_at(at, "light", lux=at) for at in (0, 1, 70, 80, 130)], session_id="s")
    db.execute("select app.archive_readings(id) from app.recording_sessions")

    series = client.get("/api/sessions/s/series?sensor=light&method=lttb", headers=auth_headers).json()

    assert series["axes"] == {
        "lux": {
            "at": ["2025-10-09T08:53:20Z", "2025-10-09T08:54:30Z", "2025-10-09T08:55:30Z"],
            "value": [0.5, 75.0, 130.0],
        }
    }


def test_lttb_of_an_unknown_sensor_is_empty(
    client: Client, auth_headers: Document, recording_session: Document
) -> None:
    series = client.get("/api/sessions/session-1/series?sensor=thermometer&method=lttb", headers=auth_headers).json()

    assert series["axes"] == {}


@pytest.mark.long
def test_lttb_of_more_than_a_million_readings_is_refused(
    client: Client, auth_headers: Document, create_session: Any, db: Db
) -> None:
    create_session([reading_at(0, "light", lux=0.0)], session_id="s")
    db.execute(
        "insert into app.sensor_data (recording_id, sensor_type_id, recorded_at, value)"
        " select recording_id, sensor_type_id, recorded_at + n * interval '1 ms', n"
        " from app.sensor_data cross join generate_series(1, 1000000) as n"
    )
    db.execute("update app.recording_sessions set last_reading_at = first_reading_at + interval '1000 s'")
    url = "/api/sessions/s/series?sensor=light&method=lttb"

    reply = client.get(url, headers=auth_headers)

    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"] == "method"
    assert "1,000,000 readings" in reply.json()["errors"][0]["message"]
    to_at = "2025-10-09T09:09:59.999Z"
    assert client.get(f"{url}&to={to_at}", headers=auth_headers).status_code == 200
    assert client.get(url.replace("lttb", "min_max"), headers=auth_headers).status_code == 200
