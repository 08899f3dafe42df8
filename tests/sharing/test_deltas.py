"""shared-with-me: pages, cursors, and who comes late."""

import pytest

from koodtx.settings import Settings
from koodtx.sharing import cursor as cursors
from koodtx.sharing.messages import MAX_CURSOR_LENGTH
from tests.sharing.people import Person
from tests.support.aliases import Db

pytestmark = [pytest.mark.api, pytest.mark.integration, pytest.mark.sync]

URLS = ("/api/v1/analysis/shared-with-me", "/api/sessions/shared-with-me")


def test_who_joins_late_gains_what_is_old(mina: Person, joon: Person, sora: Person, team: str) -> None:
    job_id = mina.analyse()
    shares = {mina.share_job(job_id, team), mina.share_session("walk", team)}
    assert sora.sync() == (set(), set())
    mina.invite(team, sora)
    assert sora.sync() == (set(), set())
    sora.join(team)

    assert sora.sync() == (shares, set())
    (item,) = [item for item in sora.shared.values() if item["job_id"] == job_id]
    assert (item["owner_id"], item["owner_name"], item["team_name"]) == (mina.user_id, "mina", "Gait study")
    assert (item["kind"], item["session_id"]) == ("calculate_session_metrics", "walk")
    assert joon.sync() == (shares, set())
    assert mina.sync() == (set(), set())  # it is her own


def test_pages_hold_each_share_once(mina: Person, joon: Person, team: str) -> None:
    for number in range(7):
        mina.record(f"walk {number}")
        mina.share_session(f"walk {number}", team)
    page = joon.ask("GET", f"{URLS[1]}?limit=3")
    seen = page["gained"]
    while page["has_more"]:
        page = joon.ask("GET", f"{URLS[1]}?limit=3&cursor={page['cursor']}")
        assert len(page["gained"]) <= 3
        seen += page["gained"]
    assert sorted(item["session_id"] for item in seen) == [f"walk {number}" for number in range(7)]
    again = joon.ask("GET", f"{URLS[1]}?limit=3&cursor={page['cursor']}")
    assert (again["gained"], again["lost"], again["has_more"]) == ([], [], False)


def test_what_changes_between_pages_comes_afterwards(mina: Person, joon: Person, team: str) -> None:
    shares = []
    for number in range(4):
        mina.record(f"walk {number}")
        shares.append(mina.share_session(f"walk {number}", team))
    first, last = min(shares), max(shares)
    page = joon.ask("GET", f"{URLS[1]}?limit=1")
    assert [item["share_id"] for item in page["gained"]] == [first]
    for share_id in (first, last):
        mina.ask("DELETE", f"/api/v1/shares/{share_id}", status=204)
    gained: set[str] = {first}
    while page["has_more"]:
        page = joon.ask("GET", f"{URLS[1]}?limit=1&cursor={page['cursor']}")
        gained |= {item["share_id"] for item in page["gained"]}
    page = joon.ask("GET", f"{URLS[1]}?cursor={page['cursor']}")
    assert gained == set(shares) - {last}
    assert set(page["lost"]) == {first, last}


def test_cursor_is_of_one_user_one_question_and_one_sync_epoch(mina: Person, joon: Person, team: str, db: Db) -> None:
    analyses, sessions = URLS
    cursor = joon.ask("GET", analyses)["cursor"]
    assert len(cursor) <= MAX_CURSOR_LENGTH
    assert joon.ask("GET", f"{sessions}?cursor={cursor}", status=422)["errors"][0]["field"] == "cursor"
    assert mina.ask("GET", f"{analyses}?cursor={cursor}", status=422)["errors"][0]["field"] == "cursor"
    for forged in (cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB"), "AAAA", "x", "%F0%9F%98%80"):
        assert joon.ask("GET", f"{analyses}?cursor={forged}", status=400)["title"] == "Cursor invalid"
    assert joon.ask("GET", f"{analyses}?cursor={cursor}")["lost"] == []

    db.execute("select app.renew_sync_epoch(true)")
    assert joon.ask("GET", f"{analyses}?cursor={cursor}", status=410)["title"] == "Resync"


def test_cursor_from_the_future_of_a_restored_database_is_refused(joon: Person, settings: Settings) -> None:
    url = URLS[0]
    cursor = joon.ask("GET", url)["cursor"]
    keys = settings.signing_keys
    read = cursors.read(cursor, keys)
    ahead = cursors.Cursor(
        read.sync_epoch, read.user_id, read.of_sessions, read.base + 5, read.since, read.until + 5, read.until_at
    )
    joon.ask("GET", f"{url}?cursor={cursors.sign(ahead, keys)}", status=410)


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=" + "a" * 513])
def test_bad_query_names_the_field(joon: Person, query: str) -> None:
    for url in URLS:
        reply = joon.ask("GET", f"{url}?{query}", status=422)
        assert reply["errors"][0]["field"] == query.partition("=")[0]
