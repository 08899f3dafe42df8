"""Shares: who may make and end them, and what they open, to whom, until when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sharing.people import Person
from tests.support.aliases import Db, Document
from tests.support.clock import Clock

pytestmark = [pytest.mark.api, pytest.mark.integration]


def tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


def readers(job_id: str) -> list[str]:
    """Where a shared analysis can be read."""
    return [f"/api/v1/analysis/{job_id}", f"/api/v1/analysis/{job_id}/result", f"/api/v1/jobs/{job_id}"]


def session_readers(share_id: str, session_id: str = "walk") -> list[str]:
    """Where a shared session can be read."""
    url = f"/api/sessions/{session_id}"
    return [
        f"{url}?share_id={share_id}",
        f"{url}/labels?share_id={share_id}",
        f"{url}/series?sensor=barometer&share_id={share_id}",
        f"{url}/series?sensor=barometer&method=lttb&share_id={share_id}",
    ]


def statuses(person: Person, urls: list[str]) -> set[int]:
    return {person.status("GET", url) for url in urls}


def test_member_reads_a_shared_analysis_and_may_not_change_it(
    mina: Person, joon: Person, sora: Person, team: str
) -> None:
    job_id = mina.analyse()
    share = mina.ask("POST", f"/api/v1/analysis/{job_id}/share", {"team_id": team})

    assert (share["can_view"], share["can_download"], share["expires_at"]) == (True, True, None)
    assert (share["job_id"], share["kind"], share["session_id"]) == (job_id, "calculate_session_metrics", "walk")
    assert statuses(joon, readers(job_id)) == {200}
    assert joon.ask("GET", f"/api/v1/analysis/{job_id}") == mina.ask("GET", f"/api/v1/analysis/{job_id}")
    assert statuses(sora, readers(job_id)) == {404}
    assert joon.status("DELETE", f"/api/v1/analysis/{job_id}") == 404
    assert joon.status("POST", f"/api/v1/jobs/{job_id}/retry") == 404
    assert joon.status("GET", f"/api/v1/analysis/{job_id}/share") == 404
    assert joon.ask("GET", "/api/v1/analysis/history")["jobs"] == []
    assert joon.status("GET", "/api/sessions/walk") == 404


def test_member_reads_a_shared_session_by_its_share(mina: Person, joon: Person, sora: Person, team: str) -> None:
    share_id = mina.share_session("walk", team)

    assert joon.ask("GET", f"/api/sessions/walk?share_id={share_id}") == mina.ask("GET", "/api/sessions/walk")
    assert statuses(joon, session_readers(share_id)) == {200}
    assert statuses(sora, session_readers(share_id)) == {404}
    assert joon.status("GET", "/api/sessions/walk") == 404
    assert joon.status("GET", f"/api/sessions/another?share_id={share_id}") == 404
    assert joon.ask("GET", "/api/sessions")["sessions"] == []
    question = {"kind": "calculate_session_metrics", "session_id": "walk"}
    assert joon.status("POST", "/api/v1/analysis", question) == 404
    pulled = joon.ask("POST", "/api/sync/pull", {})
    assert pulled["sessions"] == []


def test_own_session_of_the_same_name_is_another(mina: Person, joon: Person, team: str) -> None:
    joon.record()
    share_id = mina.share_session("walk", team)

    assert joon.ask("GET", "/api/sessions/walk")["notes"] == "of joon"
    assert joon.ask("GET", f"/api/sessions/walk?share_id={share_id}")["notes"] == "of mina"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PATCH", "", {"notes": "changed"}), ("PUT", "/labels", {"labels": []}), ("DELETE", "", None)],
)
def test_a_share_changes_neither_session_of_the_name(
    mina: Person, joon: Person, team: str, method: str, path: str, body: Any
) -> None:
    joon.record()
    share_id = mina.share_session("walk", team)
    before = [person.ask("GET", "/api/sessions/walk") for person in (mina, joon)]

    [error] = joon.ask(method, f"/api/sessions/walk{path}?share_id={share_id}", body, 422)["errors"]

    assert error["field"] == "share_id"
    assert [person.ask("GET", "/api/sessions/walk") for person in (mina, joon)] == before


def test_download_alone_does_not_let_view(mina: Person, joon: Person, team: str, db: Db) -> None:
    job_id = mina.analyse()
    mina.share_job(job_id, team, can_view=False)
    share_id = mina.share_session("walk", team, can_view=False)

    assert statuses(joon, readers(job_id) + session_readers(share_id)) == {404}
    assert may(db, joon, job_id) == {"download"}
    mina.share_job(job_id, team, can_download=False)
    assert may(db, joon, job_id) == {"view"}
    assert may(db, mina, job_id) == {"view", "download"}


def may(db: Db, person: Person, job_id: str) -> set[str]:
    """What the function of all readers decides."""
    rows = db.execute(
        "select action from unnest(array['view', 'download']) as a (action)"
        " cross join lateral app.may_see_job(%s, %s, action)",
        [person.user_id, job_id],
    )
    return {action for (action,) in rows}


def test_sharing_again_changes_the_share(mina: Person, joon: Person, team: str) -> None:
    job_id = mina.analyse()
    first = mina.ask("POST", f"/api/v1/analysis/{job_id}/share", {"team_id": team, "expires_at": tomorrow()})
    again = mina.ask("POST", f"/api/v1/analysis/{job_id}/share", {"team_id": team, "can_view": False})

    assert again == first | {"can_view": False, "expires_at": None}
    assert mina.ask("GET", f"/api/v1/analysis/{job_id}/share") == {"shares": [again], "next": None}
    assert joon.sync() == ({again["share_id"]}, set())
    assert statuses(joon, readers(job_id)) == {404}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2030-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": "2200-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, "expires_at"),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, "expires_at"),
        ({"can_view": False, "can_download": False}, "can_view"),
        ({"team_id": "team"}, "team_id"),
    ],
)
def test_bad_share_names_the_field(mina: Person, team: str, wrong: Document, field: str) -> None:
    for url in (f"/api/v1/analysis/{mina.analyse()}/share", "/api/sessions/walk/share"):
        reply = mina.ask("POST", url, {"team_id": team} | wrong, 422)
        assert [error["field"] for error in reply["errors"]] == [field]
    assert mina.ask("GET", "/api/v1/shares")["shares"] == []


def test_share_ends_at_its_time_by_the_clock_of_the_database(
    mina: Person, joon: Person, team: str, clock: Clock
) -> None:
    job_id = mina.analyse()
    expiring = {"expires_at": tomorrow()}
    shares = {mina.share_job(job_id, team, **expiring), mina.share_session("walk", team, **expiring)}
    urls = [*readers(job_id), *session_readers(mina.share_session("walk", team, **expiring))]
    assert joon.sync() == (shares, set())
    clock.jump(0.9)
    assert statuses(joon, urls) == {200}
    clock.jump(0.2)
    assert statuses(joon, urls) == {404}
    assert joon.sync() == (set(), shares)
    assert joon.sync() == (set(), set())
    assert mina.ask("GET", "/api/v1/shares")["shares"] == []
    mina.share_job(job_id, team, expires_at=(datetime.now(UTC) + timedelta(days=3)).isoformat())
    assert statuses(joon, readers(job_id)) == {200}
    clock.jump(-1)
    assert statuses(joon, urls) == {200}
    assert len(joon.sync()[0]) == 2


def test_only_the_owner_who_leads_shares(mina: Person, joon: Person, sora: Person, team: str) -> None:
    job_id = mina.analyse()
    body = {"team_id": team}
    joon.record()
    own = joon.analyse()
    assert joon.status("POST", f"/api/v1/analysis/{job_id}/share", body) == 404
    assert joon.status("POST", f"/api/v1/analysis/{own}/share", body) == 403
    assert joon.status("POST", "/api/sessions/walk/share", body) == 403
    sora.record()
    assert sora.status("POST", "/api/sessions/walk/share", body) == 404
    assert sora.status("POST", f"/api/v1/analysis/{sora.analyse()}/share", body) == 404
    mina.ask("PATCH", f"/api/v1/teams/{team}/members/{joon.user_id}", {"role": "lead"}, 204)
    assert joon.status("POST", f"/api/v1/analysis/{own}/share", body) == 200
    assert joon.status("POST", f"/api/v1/analysis/{job_id}/share", body) == 404


def test_jobs_that_are_no_analyses_are_not_shared(mina: Person, team: str, db: Db) -> None:
    job_id = mina.analyse()
    db.execute("update app.jobs set task = 'another' where id = %s", [job_id])
    assert mina.status("POST", f"/api/v1/analysis/{job_id}/share", {"team_id": team}) == 404
    assert mina.status("GET", f"/api/v1/analysis/{job_id}/share") == 404


def test_administrator_shares_and_ends_anything(mina: Person, joon: Person, sora: Person, team: str, db: Db) -> None:
    job_id = mina.analyse()
    db.execute("update app.users set role = 'admin' where username = 'sora'")
    sora.share_job(job_id, team)

    assert statuses(joon, readers(job_id)) == {200}
    assert len(mina.ask("GET", "/api/v1/shares")["shares"]) == 1
    assert sora.ask("GET", "/api/v1/shares")["shares"] == []
    sora.ask("DELETE", f"/api/v1/analysis/{job_id}/share/{team}", status=204)
    assert statuses(joon, readers(job_id)) == {404}
    sora.ask("DELETE", f"/api/v1/analysis/{job_id}/share/{team}", status=404)


def test_share_is_ended_by_its_owner_or_a_lead(mina: Person, joon: Person, sora: Person, team: str) -> None:
    job_id = mina.analyse()
    url = f"/api/v1/analysis/{job_id}/share/{team}"
    for person, status in ((joon, 404), (sora, 404), (mina, 204), (mina, 404)):
        mina.share_job(job_id, team) if status == 404 and person is not mina else None
        assert person.status("DELETE", url) == status
    mina.ask("PATCH", f"/api/v1/teams/{team}/members/{joon.user_id}", {"role": "lead"}, 204)
    share_id = mina.share_session("walk", team)
    mina.share_job(job_id, team)
    # Also as a member only.
    joon.ask("PATCH", f"/api/v1/teams/{team}/members/{mina.user_id}", {"role": "member"}, 204)
    assert mina.status("DELETE", url) == 204
    assert sora.status("DELETE", f"/api/v1/shares/{share_id}") == 404
    assert joon.status("DELETE", f"/api/v1/shares/{share_id}") == 204
    assert joon.status("DELETE", f"/api/v1/shares/{share_id}") == 404


def test_session_is_unshared_by_team(mina: Person, joon: Person, team: str) -> None:
    share_id = mina.share_session("walk", team)
    assert joon.status("DELETE", f"/api/sessions/walk/share/{team}") == 404
    mina.ask("DELETE", f"/api/sessions/walk/share/{team}", status=204)
    assert statuses(joon, session_readers(share_id)) == {404}
    assert mina.status("DELETE", f"/api/sessions/walk/share/{team}") == 404


def test_all_shares_are_listed_and_revoked(mina: Person, joon: Person, team: str) -> None:
    other = mina.create_team("another")
    job_id = mina.analyse()
    made = [mina.share_job(job_id, team), mina.share_job(job_id, other), mina.share_session("walk", team)]
    joon.record()

    first = mina.ask("GET", "/api/v1/shares?limit=2")
    rest = mina.ask("GET", f"/api/v1/shares?limit=2&before={first['next']}")
    assert [share["share_id"] for share in first["shares"] + rest["shares"]] == made[::-1]
    assert rest["next"] is None
    assert joon.ask("GET", "/api/v1/shares")["shares"] == []
    assert joon.ask("DELETE", "/api/v1/shares") == {"revoked": 0}
    assert mina.ask("DELETE", "/api/v1/shares") == {"revoked": 3}
    assert statuses(joon, readers(job_id) + session_readers(made[2])) == {404}
    assert mina.ask("GET", "/api/v1/shares")["shares"] == []


def lead_removes(mina: Person, joon: Person, team: str, job_id: str, db: Db) -> None:
    mina.ask("DELETE", f"/api/v1/teams/{team}/members/{joon.user_id}", status=204)


def member_leaves(mina: Person, joon: Person, team: str, job_id: str, db: Db) -> None:
    joon.leave(team)


def team_is_deleted(mina: Person, joon: Person, team: str, job_id: str, db: Db) -> None:
    mina.ask("DELETE", f"/api/v1/teams/{team}", status=204)


def session_is_deleted(mina: Person, joon: Person, team: str, job_id: str, db: Db) -> None:
    mina.ask("DELETE", "/api/sessions/walk", status=204)


def owner_is_disabled(mina: Person, joon: Person, team: str, job_id: str, db: Db) -> None:
    db.execute("update app.users set is_active = false where username = 'mina'")


def owner_leaves(mina: Person, joon: Person, team: str, job_id: str, db: Db) -> None:
    mina.ask("PATCH", f"/api/v1/teams/{team}/members/{joon.user_id}", {"role": "lead"}, 204)
    mina.leave(team)


ENDS = [lead_removes, member_leaves, team_is_deleted, session_is_deleted, owner_is_disabled, owner_leaves]


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_a_share_ends_it_everywhere(mina: Person, joon: Person, team: str, db: Db, end: Any) -> None:
    job_id = mina.analyse()
    shares = {mina.share_job(job_id, team), mina.share_session("walk", team)}
    (session_share,) = shares - {mina.share_job(job_id, team)}
    urls = [*readers(job_id), *session_readers(session_share)]
    assert statuses(joon, urls) == {200}  # and cached
    assert joon.sync() == (shares, set())

    end(mina, joon, team, job_id, db)
    assert statuses(joon, urls) == {404}
    assert joon.sync() == (set(), shares)
    assert joon.sync() == (set(), set())


def test_deleted_result_is_lost(mina: Person, joon: Person, team: str) -> None:
    job_id = mina.analyse()
    share_id = mina.share_job(job_id, team)
    joon.sync()
    mina.ask("DELETE", f"/api/v1/analysis/{job_id}", status=204)  # cancels it
    assert joon.ask("GET", f"/api/v1/analysis/{job_id}")["status"] == "cancelled"
    mina.ask("DELETE", f"/api/v1/analysis/{job_id}", status=204)
    assert joon.status("GET", f"/api/v1/analysis/{job_id}") == 404
    assert joon.sync() == (set(), {share_id})


def test_enabled_again_an_account_shares_nothing(mina: Person, joon: Person, team: str, db: Db) -> None:
    job_id = mina.analyse()
    mina.share_job(job_id, team)
    db.execute("update app.users set is_active = false where username = 'mina'")
    db.execute("update app.users set is_active = true where username = 'mina'")
    assert joon.status("GET", f"/api/v1/analysis/{job_id}") == 404


def test_lead_who_becomes_a_member_shares_no_more_and_still_sees(mina: Person, joon: Person, team: str) -> None:
    job_id = mina.analyse()
    mina.ask("PATCH", f"/api/v1/teams/{team}/members/{joon.user_id}", {"role": "lead"}, 204)
    mina.share_job(job_id, team)
    joon.record()
    mina.ask("PATCH", f"/api/v1/teams/{team}/members/{joon.user_id}", {"role": "member"}, 204)
    assert joon.status("POST", "/api/sessions/walk/share", {"team_id": team}) == 403
    assert joon.status("GET", f"/api/v1/analysis/{job_id}") == 200


def test_access_log_has_who_did_what_once_an_hour(
    mina: Person, joon: Person, sora: Person, team: str, clock: Clock
) -> None:
    job_id = mina.analyse()
    share_id, session_share = mina.share_job(job_id, team), mina.share_session("walk", team)
    url = f"/api/v1/shares/{share_id}/accesses"
    for _ in range(3):
        assert statuses(joon, readers(job_id)) == {200}
        assert statuses(mina, readers(job_id)) == {200}
        assert statuses(sora, readers(job_id)) == {404}
    assert statuses(joon, session_readers(session_share)) == {200}

    (entry,) = mina.ask("GET", url)["accesses"]
    assert (entry["user_id"], entry["name"], entry["action"]) == (joon.user_id, "joon", "view")
    (entry,) = mina.ask("GET", f"/api/v1/shares/{session_share}/accesses")["accesses"]
    assert (entry["user_id"], entry["action"]) == (joon.user_id, "view")
    clock.jump(1 / 24)
    joon.status("GET", f"/api/v1/analysis/{job_id}")
    mina.ask("DELETE", f"/api/v1/shares/{share_id}", status=204)
    page = mina.ask("GET", f"{url}?limit=1")
    assert len(mina.ask("GET", url)["accesses"]) == 2
    assert len(mina.ask("GET", f"{url}?limit=1&before={page['next']}")["accesses"]) == 1
    assert joon.status("GET", url) == sora.status("GET", url) == 404


def test_access_log_is_kept_by_each_share(mina: Person, joon: Person, team: str) -> None:
    """Whichever of two shares it was, the owner sees it."""
    other = mina.create_team("another")
    mina.invite(other, joon)
    joon.join(other)
    job_id = mina.analyse()
    shares = [mina.share_job(job_id, team), mina.share_job(job_id, other, can_view=False)]
    joon.status("GET", f"/api/v1/analysis/{job_id}")
    counts = [len(mina.ask("GET", f"/api/v1/shares/{share_id}/accesses")["accesses"]) for share_id in shares]
    assert counts == [1, 0]
