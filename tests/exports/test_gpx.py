"""GPX 1.1, by the rules of its schema: https://www.topografix.com/GPX/1/1/gpx.xsd"""

import re
import xml.etree.ElementTree as ET
from datetime import datetime

import pytest

from tests.exports.conftest import Download
from tests.support.aliases import Client, CreateSession
from tests.support.readings import reading

pytestmark = [pytest.mark.api, pytest.mark.sync]

_SPACE = "{http://www.topografix.com/GPX/1/1}"
# The order in which the schema wants children.
_CHILDREN = {
    "gpx": ["metadata", "trk"],
    "metadata": ["desc"],
    "trk": ["name", "trkseg"],
    "trkseg": ["trkpt"],
    "trkpt": ["ele", "time"],
}
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


def checked(content: bytes) -> ET.Element:
    """The document, if it is as its schema wants it."""
    root = ET.fromstring(content)
    assert root.attrib.keys() == {"version", "creator"}
    assert root.get("version") == "1.1"
    for element in root.iter():
        allowed = [_SPACE + name for name in _CHILDREN.get(element.tag.removeprefix(_SPACE), [])]
        places = [allowed.index(child.tag) for child in element]
        assert places == sorted(places)
    for point in root.iter(_SPACE + "trkpt"):
        assert point.attrib.keys() == {"lat", "lon"}
        for text in (point.attrib["lat"], point.attrib["lon"], point.findtext(_SPACE + "ele", "0")):
            assert _DECIMAL.fullmatch(text)
        assert -90 <= float(point.attrib["lat"]) <= 90
        assert -180 <= float(point.attrib["lon"]) < 180
        assert datetime.fromisoformat(point.findtext(_SPACE + "time", ""))
    return root


def segments(root: ET.Element) -> list[list[tuple[float, float, str | None, str | None]]]:
    """Latitude, longitude, elevation and time of each point of each segment."""
    return [[_point(point) for point in segment] for segment in root.iter(_SPACE + "trkseg")]


def _point(point: ET.Element) -> tuple[float, float, str | None, str | None]:
    elevation, time = (point.findtext(_SPACE + name) for name in ("ele", "time"))
    return float(point.attrib["lat"]), float(point.attrib["lon"]), elevation, time


def test_a_pause_begins_a_segment_and_invalid_positions_are_left_out(walk: None, download: Download) -> None:
    reply = download("walk", "gpx")

    assert reply.headers["content-type"] == "application/gpx+xml"
    root = checked(reply.content)
    first, second = segments(root)
    assert [len(first), len(second)] == [3, 2]
    assert first[0] == (37.5, 127.0, "30.5", "2025-10-09T08:53:20.000000Z")
    assert second[0][3] == "2025-10-09T08:56:40.000000Z"
    assert root.findtext(f"{_SPACE}trk/{_SPACE}name") == "walk gps"


def test_numbers_have_no_exponent_and_lose_no_digit(create_session: CreateSession, download: Download) -> None:
    places = [(1e-7, 180.0), (-0.1234567890123456, -179.99999999999997), (90.0, 1.2345e-5), (-90, 0)]
    items = [
        reading(at * 1000, "location", latitude=latitude, longitude=longitude, altitude=-1e-7)
        for at, (latitude, longitude) in enumerate(places)
    ]
    create_session(items, session_id="walk")

    (points,) = segments(checked(download("walk", "gpx").content))

    assert [(lat, lon) for lat, lon, _, _ in points] == [(places[0][0], -180.0), *places[1:]]
    assert {float(ele or 0) for _, _, ele, _ in points} == {-1e-7}


def test_a_pause_between_slices_begins_a_segment(
    client: Client, create_session: CreateSession, download: Download
) -> None:
    """10,000 fixes are one statement; the next one must know when the last of them was."""
    count = 10_000
    for start in (0, count * 1000 + 3_600_000):
        block = {
            "sensor_type": "gps",
            "timestamps": {"start": reading()["timestamp"] + start, "step": 1000, "count": count},
            "data": {"latitude": [37.5] * count, "longitude": [127.0] * count},
        }
        create_session([block], session_id="walk")

    root = checked(download("walk", "gpx").content)

    assert [len(segment) for segment in segments(root)] == [count, count]


def test_fixes_of_a_slow_tracker_are_one_segment(create_session: CreateSession, download: Download) -> None:
    """Every five minutes: its usual interval is not a pause."""
    items = [reading(n * 300_000, "gps", latitude=37.5, longitude=127.0 + n / 1e4) for n in range(20)]
    create_session(items, session_id="walk")

    assert [len(segment) for segment in segments(checked(download("walk", "gpx").content))] == [20]


def test_names_are_escaped(create_session: CreateSession, client: Client, auth_headers: dict[str, str]) -> None:
    session_id = "<b>&\x01\ufffe 산책"
    create_session([reading(0, "a<b", latitude=1, longitude=2)], session_id=session_id)

    path = "".join(f"%{byte:02X}" for byte in session_id.encode())
    root = checked(client.get(f"/api/sessions/{path}/download?format=gpx", headers=auth_headers).content)

    assert root.findtext(f"{_SPACE}trk/{_SPACE}name") == "<b>&\ufffd\ufffd 산책 a<b"


def test_sensors_without_positions_have_no_track(recording_session: object, download: Download) -> None:
    assert segments(checked(download("session-1", "gpx").content)) == []
