"""Teams: who may change them, and what stays true of them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from koodtx.teams import store
from tests.sharing.people import Person
from tests.support.aliases import Client, CreateUser, Db

pytestmark = [pytest.mark.api, pytest.mark.integration]


def test_who_creates_a_team_leads_it(mina: Person) -> None:
    team_id = mina.create_team("Gait study")

    team = mina.ask("GET", f"/api/v1/teams/{team_id}")
    assert (team["name"], team["role"], team["members"], team["leads"]) == ("Gait study", "lead", 1, 1)
    assert mina.ask("GET", "/api/v1/teams")["teams"] == [team]
    renamed = mina.ask("PATCH", f"/api/v1/teams/{team_id}", {"name": "Gait study 2026"})
    assert renamed == team | {"name": "Gait study 2026"}


def test_invited_see_the_team_but_nothing_of_it_before_they_accept(mina: Person, joon: Person) -> None:
    team_id = mina.create_team()
    job_id = mina.analyse()
    mina.share_job(job_id, team_id)
    mina.invite(team_id, joon, "lead")

    (team,) = joon.ask("GET", "/api/v1/teams")["teams"]
    assert (team["role"], team["invited_as"], team["members"], team["leads"]) == (None, "lead", None, None)
    assert joon.status("GET", f"/api/v1/teams/{team_id}/members") == 404
    assert joon.status("PATCH", f"/api/v1/teams/{team_id}", {"name": "mine"}) == 404
    assert joon.status("GET", f"/api/v1/analysis/{job_id}") == 404
    assert joon.sync() == (set(), set())

    joon.join(team_id)
    joon.join(team_id)  # a retry
    assert joon.ask("GET", f"/api/v1/teams/{team_id}")["role"] == "lead"
    assert joon.status("GET", f"/api/v1/analysis/{job_id}") == 200


def test_invitation_does_not_show_whether_there_is_an_account(mina: Person, joon: Person) -> None:
    team_id = mina.create_team()
    url = f"/api/v1/teams/{team_id}/members"
    names: list[dict[str, Any]] = [
        {"username": "joon"}, {"username": "nobody"}, {"email": "joon@example.org"}, {"email": "nobody@example.org"},
    ]  # fmt: skip
    for body in names:
        assert mina.ask("POST", url, body, 204) is None

    invitations = mina.ask("GET", url)["invitations"]
    assert [item["invited"] for item in invitations] == [next(iter(body.values())) for body in names]
    assert {tuple(sorted(item)) for item in invitations} == {("created_at", "invitation_id", "invited", "role")}


def test_who_registers_a_name_later_is_not_invited(mina: Person, client: Client, create_user: CreateUser) -> None:
    """Otherwise anybody could register a misspelt name and join."""
    team_id = mina.create_team()
    mina.ask("POST", f"/api/v1/teams/{team_id}/members", {"username": "late"}, 204)
    late = Person(client, create_user("late"))

    assert late.ask("GET", "/api/v1/teams")["teams"] == []
    assert late.status("POST", f"/api/v1/teams/{team_id}/join") == 404


def test_invitation_can_be_declined_or_withdrawn(mina: Person, joon: Person) -> None:
    team_id = mina.create_team()
    mina.invite(team_id, joon)
    joon.leave(team_id)
    assert joon.status("POST", f"/api/v1/teams/{team_id}/join") == 404

    mina.invite(team_id, joon)
    (invitation,) = mina.ask("GET", f"/api/v1/teams/{team_id}/members")["invitations"]
    mina.ask("DELETE", f"/api/v1/teams/{team_id}/invitations/{invitation['invitation_id']}", status=204)
    assert joon.ask("GET", "/api/v1/teams")["teams"] == []
    assert joon.status("POST", f"/api/v1/teams/{team_id}/join") == 404


def test_members_may_not_do_what_leads_do(mina: Person, joon: Person, team: str) -> None:
    url = f"/api/v1/teams/{team}"
    for method, path, body in (
        ("PATCH", url, {"name": "mine"}),
        ("DELETE", url, None),
        ("POST", f"{url}/members", {"username": "sora"}),
        ("PATCH", f"{url}/members/{joon.user_id}", {"role": "lead"}),
        ("DELETE", f"{url}/members/{mina.user_id}", None),
    ):
        assert joon.status(method, path, body) == 403, (method, path)
    found = joon.ask("GET", f"{url}/members")
    assert [member["username"] for member in found["members"]] == ["mina", "joon"]
    assert found["invitations"] == []


def test_team_is_missing_for_a_stranger(sora: Person, mina: Person, team: str) -> None:
    missing = "00000000-0000-4000-8000-000000000000"
    for team_id in (team, missing):
        url = f"/api/v1/teams/{team_id}"
        assert sora.status("GET", url) == sora.status("DELETE", url) == sora.status("POST", f"{url}/join") == 404
        assert sora.status("DELETE", f"{url}/members/{mina.user_id}") == 404
        assert sora.status("DELETE", f"{url}/members/{sora.user_id}") == 404


def test_last_lead_stays(mina: Person, joon: Person, team: str) -> None:
    url = f"/api/v1/teams/{team}/members"
    reply = mina.ask("DELETE", f"{url}/{mina.user_id}", status=409)
    assert reply["type"] == "urn:koodtx:problem:last-lead"
    mina.ask("PATCH", f"{url}/{mina.user_id}", {"role": "member"}, 409)

    mina.ask("PATCH", f"{url}/{joon.user_id}", {"role": "lead"}, 204)
    mina.leave(team)
    assert mina.status("GET", f"/api/v1/teams/{team}") == 404
    joon.leave(team, 409)


def test_two_leads_cannot_both_stop_leading_at_once(mina: Person, joon: Person, team: str) -> None:
    """Each would be allowed while the other one leads."""
    url = f"/api/v1/teams/{team}/members"
    mina.ask("PATCH", f"{url}/{joon.user_id}", {"role": "lead"}, 204)
    for _ in range(20):
        barrier = Barrier(2)

        def stop_leading(person: Person, barrier: Barrier = barrier) -> int:
            barrier.wait()
            return person.status("PATCH", f"{url}/{person.user_id}", {"role": "member"})

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(stop_leading, (mina, joon))) == [204, 409]
        leads = [member for member in mina.ask("GET", url)["members"] if member["role"] == "lead"]
        assert len(leads) == 1
        lead, other = (mina, joon) if leads[0]["user_id"] == mina.user_id else (joon, mina)
        lead.ask("PATCH", f"{url}/{other.user_id}", {"role": "lead"}, 204)


def test_administrator_acts_as_a_lead_of_every_team(
    mina: Person, joon: Person, sora: Person, team: str, db: Db
) -> None:
    db.execute("update app.users set role = 'admin' where username = 'sora'")
    admin = sora
    url = f"/api/v1/teams/{team}/members"
    assert admin.ask("GET", f"/api/v1/teams/{team}")["role"] is None
    admin.ask("PATCH", f"{url}/{joon.user_id}", {"role": "lead"}, 204)
    admin.ask("DELETE", f"{url}/{mina.user_id}", status=204)
    assert [member["username"] for member in admin.ask("GET", url)["members"]] == ["joon"]
    assert admin.ask("GET", "/api/v1/teams")["teams"] == []


def test_number_of_members_and_teams_is_limited(mina: Person, joon: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_MEMBERS", 2)
    monkeypatch.setattr(store, "MAX_TEAMS", 1)
    team_id = mina.create_team()
    mina.invite(team_id, joon)
    mina.invite(team_id, joon, "lead")  # no second one
    assert mina.ask("POST", f"/api/v1/teams/{team_id}/members", {"username": "x"}, 409)["title"] == "Limit reached"
    mina.ask("POST", "/api/v1/teams", {"name": "another"}, 409)
    mina.ask("DELETE", f"/api/v1/teams/{team_id}", status=204)
    mina.create_team()


def test_number_of_teams_is_limited_at_once_too(mina: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would be allowed while none of the others is there."""
    monkeypatch.setattr(store, "MAX_TEAMS", 3)
    for _ in range(10):
        barrier = Barrier(8)

        def create(_: int, barrier: Barrier = barrier) -> int:
            barrier.wait()
            return mina.status("POST", "/api/v1/teams", {"name": "Gait study"})

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(create, range(8))) == [201] * 3 + [409] * 5
        for team in mina.ask("GET", "/api/v1/teams")["teams"]:
            mina.ask("DELETE", f"/api/v1/teams/{team['team_id']}", status=204)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "username"),
        ({"username": "joon", "role": "owner"}, "role"),
        ({"username": "\0"}, "username"),
    ],
)
def test_bad_invitation_names_the_field(mina: Person, body: Any, field: str) -> None:
    reply = mina.ask("POST", f"/api/v1/teams/{mina.create_team()}/members", body, 422)
    assert [error["field"] for error in reply["errors"]] == [field]
