"""Labels of a session that are set by API."""

import gzip
import json
from typing import Any

import pytest

from koodtx.sessions.messages import LABELS_BYTES
from tests.support.aliases import Call, Client, Db, Document, Pull

pytestmark = [pytest.mark.api]

WALKING = {"label": "walking", "from": "2025-10-09T08:53:20Z", "to": "2025-10-09T08:58:20.000001Z", "source": "diary"}
OUTDOORS = {"label": "outdoors", "from": "2025-10-09T08:50:00Z", "to": "2025-10-09T09:00:00Z"}


@pytest.fixture
def put(ask: Call, create_session: Call) -> Call:
    """Sets labels of a session that is there."""
    create_session()

    def call(*labels: Any, status: int = 200, **more: Any) -> Document:
        return ask("PUT", "/session-1/labels", json={"labels": labels}, status=status, **more)

    return call


def test_labels_are_read_as_they_were_set(put: Call, ask: Call) -> None:
    assert put(WALKING, OUTDOORS) == {"labels": [WALKING, OUTDOORS]}
    assert ask("GET", "/session-1/labels") == {"labels": [WALKING, OUTDOORS]}
    assert ask("GET", "/session-1")["labels"] == [WALKING, OUTDOORS]
    assert ask("GET", "/")["sessions"][0]["labels"] == [WALKING, OUTDOORS]


def test_labels_replace_all_that_were_set_before(put: Call, ask: Call) -> None:
    put(WALKING, OUTDOORS)
    put(OUTDOORS)
    assert ask("GET", "/session-1/labels") == {"labels": [OUTDOORS]}
    put()
    assert ask("GET", "/session-1/labels") == {"labels": []}
    assert "labels" not in ask("GET", "/session-1")


def test_times_may_have_any_zone_or_be_milliseconds(put: Call) -> None:
    reply = put({"label": "walking", "from": "2025-10-09T17:53:20+09:00", "to": 1_760_000_300_000.25})
    assert reply["labels"] == [
        {"label": "walking", "from": "2025-10-09T08:53:20Z", "to": "2025-10-09T08:58:20.000250Z"}
    ]


def test_other_devices_pull_labels_and_that_they_are_gone(put: Call, pull: Pull) -> None:
    cursor = pull(cursor=None)["cursor"]
    put(WALKING)
    page = pull(cursor=cursor)
    [session] = page["sessions"]
    assert (session["session_id"], session["labels"]) == ("session-1", [WALKING])
    put(WALKING)
    page = pull(cursor=page["cursor"])
    assert page["sessions"] == [], "the same again changes nothing"
    put()
    [session] = pull(cursor=page["cursor"])["sessions"]
    assert "labels" not in session


def test_labels_stay_when_the_session_is_pushed_or_annotated(put: Call, ask: Call, create_session: Call) -> None:
    put(WALKING)
    create_session(session_id="session-1", notes="pushed", labels=[])
    ask("PATCH", "/session-1", json={"notes": "noted"})
    session = ask("GET", "/session-1")
    assert (session["notes"], session["labels"]) == ("noted", [WALKING])
    put(OUTDOORS)
    assert ask("GET", "/session-1")["notes"] == "noted"


WRONG: dict[str, tuple[Any, str]] = {
    "a text": ("walking", "labels[0]"),
    "no label": ({"from": WALKING["from"], "to": WALKING["to"]}, "label"),
    "label null": (WALKING | {"label": None}, "label"),
    "label empty": (WALKING | {"label": ""}, "label"),
    "label too long": (WALKING | {"label": "w" * 65}, "label"),
    "label with NUL": (WALKING | {"label": "a\0b"}, "label"),
    "label of two lines": (WALKING | {"label": "a\nb"}, "label"),
    "source too long": (WALKING | {"source": "s" * 65}, "source"),
    "source a number": (WALKING | {"source": 5}, "source"),
    "no from": ({"label": "walking", "to": WALKING["to"]}, "from"),
    "from null": (WALKING | {"from": None}, "from"),
    "to without time zone": (WALKING | {"to": "2025-10-09T08:58:20"}, "to"),
    "to yesterday": (WALKING | {"to": "yesterday"}, "to"),
    "to in seconds": (WALKING | {"to": 1_760_000_300}, "to"),
    "to beyond all times": (WALKING | {"to": 10**30}, "to"),
    "to in the future": (WALKING | {"to": "2200-01-01T00:00:00Z"}, "to"),
    "from long ago": (WALKING | {"from": "1970-01-01T00:00:00Z"}, "from"),
    "to at from": (WALKING | {"to": WALKING["from"]}, "to"),
    "to before from": (WALKING | {"to": "2025-10-09T08:00:00Z"}, "to"),
}


def test_wrong_labels_are_422_naming_the_field_and_change_nothing(put: Call, ask: Call) -> None:
    put(WALKING)
    named = {}
    for name, (label, _) in WRONG.items():
        [error] = put(OUTDOORS, label, status=422)["errors"]
        named[name] = error["field"]
    assert {name: named[name] for name, (_, field) in WRONG.items() if field.strip("[]0") not in named[name]} == {}
    assert named["to before from"] == "labels[1].to"
    assert ask("GET", "/session-1/labels") == {"labels": [WALKING]}


def test_a_refused_time_comes_with_advice_that_fits(put: Call) -> None:
    detail = put(WALKING | {"to": 1_760_000_300}, status=422)["detail"]
    assert "looks like seconds" in detail
    assert "push" not in detail


@pytest.mark.parametrize("body", [{}, {"labels": None}, {"labels": {}}, []])
def test_a_body_without_labels_is_422(put: Call, ask: Call, body: Any) -> None:
    put(WALKING)
    ask("PUT", "/session-1/labels", json=body, status=422)
    assert ask("GET", "/session-1/labels") == {"labels": [WALKING]}


def test_a_thousand_labels_are_the_most(put: Call, ask: Call) -> None:
    labels = [{"label": "a", "from": 1_760_000_000_000 + n, "to": 1_760_000_001_000 + n} for n in range(1001)]
    assert len(put(*labels[:1000])["labels"]) == 1000
    assert put(*labels, status=422)["errors"][0]["field"] == "labels"
    assert len(ask("GET", "/session-1/labels")["labels"]) == 1000


# 64 characters of three bytes in UTF-8 and six as an escape; of four and twelve.
@pytest.mark.parametrize("character", ["\ud55c", "\N{RUNNER}"])
@pytest.mark.parametrize("is_escaped", [False, True])
def test_a_thousand_of_the_longest_labels_are_taken(
    client: Client, auth_headers: dict[str, str], put: Call, ask: Call, character: str, is_escaped: bool
) -> None:
    label = {"label": 64 * character, "source": 64 * character}
    times = {"from": "2025-10-09T08:53:20.000001Z", "to": "2025-10-09T08:58:20.000001Z"}
    sent = [label | times] * 1000
    written = [label | {"from": "2025-10-09T17:53:20.000001000+09:00", "to": "2025-10-09T17:58:20.000001000+09:00"}]
    body = json.dumps({"labels": written * 1000}, ensure_ascii=is_escaped, indent=1).encode()
    headers = auth_headers | {"Content-Type": "application/json"}
    assert client.put("/api/sessions/session-1/labels", content=body, headers=headers).json() == {"labels": sent}
    packed = headers | {"Content-Encoding": "gzip"}
    assert client.put("/api/sessions/session-1/labels", content=gzip.compress(body), headers=packed).status_code == 200
    assert ask("GET", "/session-1/labels") == {"labels": sent}


def test_what_no_thousand_labels_need_is_413(client: Client, auth_headers: dict[str, str], put: Call) -> None:
    headers = auth_headers | {"Content-Type": "application/json"}
    for size, status in ((LABELS_BYTES, 400), (LABELS_BYTES + 1, 413)):
        reply = client.put("/api/sessions/session-1/labels", content=b" " * size, headers=headers)
        assert reply.status_code == status


def test_sessions_of_others_missing_and_deleted_ones_have_no_labels(
    put: Call, ask: Call, create_user: Call, db: Db
) -> None:
    put(WALKING)
    stranger = create_user("stranger")["headers"]
    for path, headers in (("/session-1/labels", stranger), ("/missing/labels", None)):
        ask("GET", path, status=404, headers=headers)
        ask("PUT", path, json={"labels": [OUTDOORS]}, status=404, headers=headers)
    assert ask("GET", "/session-1/labels") == {"labels": [WALKING]}
    ask("DELETE", "/session-1", status=204)
    ask("GET", "/session-1/labels", status=404)
    ask("PUT", "/session-1/labels", json={"labels": [OUTDOORS]}, status=404)
    assert db.execute("select labels from app.recording_sessions").fetchone() == (None,)
