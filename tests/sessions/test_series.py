"""A sensor for a chart."""

from typing import Any

import pytest

from tests.support.aliases import Client, Document

pytestmark = [pytest.mark.api, pytest.mark.sync]


def test_series_keeps_least_and_greatest_of_each_bucket(
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


def test_series_of_a_sensor_that_is_not_there_is_empty(
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
        ("sensor=a&from=tomorrow", "from"),
        ("sensor=a&from=0001-01-01T00:00:00%2B14:00&points=1", "from"),
        ("sensor=a&to=9999-12-31T23:59:59-14:00", "to"),
        ("sensor=a&to=2025-10-09T08:53:20", "to"),
        ("sensor=a&from=2025-10-09T08:53:21Z&to=2025-10-09T08:53:20Z", "from"),
    ],
)
def test_series_refuses_a_wrong_query(
    client: Client, auth_headers: Document, recording_session: Document, query: str, named: str
) -> None:
    reply = client.get(f"/api/sessions/session-1/series?{query}", headers=auth_headers)

    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == [named]


def test_series_of_somebody_elses_session_is_not_found(
    client: Client, create_user: Any, recording_session: Document
) -> None:
    stranger = create_user("stranger")["headers"]

    assert client.get("/api/sessions/session-1/series?sensor=accelerometer", headers=stranger).status_code == 404
