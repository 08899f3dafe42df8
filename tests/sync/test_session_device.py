"""What a session says of the device that records it."""

import pytest

from tests.support.aliases import Call, Db

pytestmark = [pytest.mark.api, pytest.mark.sync]

PHONE = {"platform": "ios", "model": "iPhone15,2", "os_version": "17.1", "app_version": "1.4.2"}


def test_device_is_pulled_and_read_as_it_was_pushed(push: Call, pull: Call, client, auth_headers) -> None:
    push(device=PHONE)
    [session] = pull()["sessions"]
    assert (session["device_id"], session["device"]) == ("phone", PHONE)
    read = client.get("/api/sessions/walk", headers=auth_headers).json()
    [listed] = client.get("/api/sessions", headers=auth_headers).json()["sessions"]
    assert (read["device_id"], read["device"]) == (listed["device_id"], listed["device"]) == ("phone", PHONE)


def test_device_sent_again_replaces_all_of_it(push: Call, pull: Call) -> None:
    push(device=PHONE)
    push(device={"platform": "ios", "app_version": "1.5.0", "model": None, "unknown": "member"})
    assert pull()["sessions"][0]["device"] == {"platform": "ios", "app_version": "1.5.0"}


def test_device_absent_stays(push: Call, pull: Call) -> None:
    push(device=PHONE)
    push(notes="later")
    assert pull()["sessions"][0]["device"] == PHONE


@pytest.mark.parametrize("empty", [None, {}, {"model": None}])
def test_device_that_is_null_or_empty_removes_it(push: Call, pull: Call, empty) -> None:
    push(device=PHONE)
    push(device=empty)
    [session] = pull()["sessions"]
    assert "device" not in session
    assert session["device_id"] == "phone"


def test_the_device_that_made_the_session_counts_and_what_was_sent_last(push: Call, pull: Call, other_phone) -> None:
    push(device=PHONE)
    push(headers=other_phone)
    assert pull()["sessions"][0]["device"] == PHONE
    push(headers=other_phone, device={"model": "watch"})
    [session] = pull()["sessions"]
    assert (session["device_id"], session["device"]) == ("phone", {"model": "watch"})


def test_the_same_device_again_is_no_change(push: Call) -> None:
    first = push(device=PHONE)
    assert push(device=PHONE)["server_timestamp"] == first["server_timestamp"]


def test_analysts_see_it(push: Call, db: Db) -> None:
    push(device=PHONE)
    columns = "device_id, platform, model, os_version, app_version"
    query = f"select {columns} from analytics.sessions"
    assert db.execute(query.encode()).fetchall() == [("phone", "ios", "iPhone15,2", "17.1", "1.4.2")]
    push(device={"platform": "android"})
    assert db.execute(query.encode()).fetchall() == [("phone", "android", None, None, None)]
