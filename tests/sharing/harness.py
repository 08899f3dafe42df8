"""A real database and application, and the model that they must agree with."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
from litestar.testing import TestClient

from koodtx.app import create_app
from koodtx.settings import Settings
from tests.sharing.model import Model, Share, Team, Thing
from tests.sharing.people import Person
from tests.support.requests import register

USERS = range(3)
KINDS = ("session", "job")
_PATHS = {"session": "/api/sessions", "job": "/api/v1/analysis"}
_MAY_JOB = "exists(select from app.may_see_job(u.id, t.id::uuid, a.action))"
_MAY_SESSION = "exists(select from app.recording_sessions as s where s.session_id = t.id" \
    " and app.may_read_session(u.id, s.id, a.action))"  # fmt: skip

_CLOCK = """
    create table app.test_clock (ahead interval not null);
    insert into app.test_clock values ('0');
    grant select on app.test_clock to koodtx_app;
    create or replace function app.now() returns timestamptz language sql volatile begin atomic
        select clock_timestamp() + (select ahead from app.test_clock);
    end
"""


class Harness:
    """One database, used by many histories one after another, each with users of its own.

    `failure`: the first thing that went wrong.
    """

    def __init__(self, settings: Settings) -> None:
        self.failure: BaseException | None = None
        self.owner: psycopg.Connection[Any] = psycopg.connect(settings.migration_database_url or "", autocommit=True)
        # The service's connections would not notice a new setting, and closing them takes a second each time.
        self.owner.execute(_CLOCK)
        self._hours = 0.0  # that the database's clock is ahead
        self._client = TestClient(create_app(settings), raise_server_exceptions=False)
        self._client.__enter__()

    def close(self) -> None:
        self._client.__exit__(None, None, None)
        self.owner.close()

    def begin_history(self) -> None:
        self.model = Model()
        self.people = [Person(self._client, register(self._client, f"u{uuid4().hex}")) for _ in USERS]
        self._things = {(user, kind): Thing(user, kind, 0) for user in USERS for kind in KINDS}
        self._ids: dict[Thing, str] = {}
        for thing in self._things.values():
            self._make(thing)

    # What happens

    def create_team(self, user: int, slot: int) -> None:
        if slot not in self.model.teams:
            self.model.teams[slot] = Team(self.people[user].create_team(), {user: "lead"})

    def invite(self, user: int, slot: int, other: int, role: str) -> None:
        body = {"username": self.people[other].name, "role": role}
        if self._expect(user, "POST", f"{self._team(slot)}/members", self.model.teams[slot].may_lead(user), body):
            self.model.teams[slot].invited[other] = role

    def join(self, user: int, slot: int) -> None:
        team = self.model.teams[slot]
        is_known = user in team.members or user in team.invited
        self._expect(user, "POST", f"{self._team(slot)}/join", 200 if is_known else 404)
        role = team.invited.pop(user, None)
        if role is not None:
            team.members.setdefault(user, role)

    def remove(self, user: int, slot: int, other: int) -> None:
        path = f"{self._team(slot)}/members/{self.people[other].user_id}"
        self._expect(user, "DELETE", path, self.model.remove_status(slot, user, other))

    def set_role(self, user: int, slot: int, other: int, role: str) -> None:
        path = f"{self._team(slot)}/members/{self.people[other].user_id}"
        self._expect(user, "PATCH", path, self.model.role_status(slot, user, other, role), {"role": role})

    def delete_team(self, user: int, slot: int) -> None:
        if self._expect(user, "DELETE", self._team(slot), self.model.teams[slot].may_lead(user)):
            del self.model.teams[slot]

    def share(self, user: int, kind: str, slot: int, actions: frozenset[str], hours: int | None) -> None:
        """`hours`: for so long and half an hour less, as clocks go on meanwhile."""
        team, thing = self.model.teams[slot], self._things[user, kind]
        body: dict[str, Any] = {"team_id": team.team_id, "expires_at": None}
        body |= {f"can_{action}": action in actions for action in ("view", "download")}
        if hours is not None:
            body["expires_at"] = (datetime.now(UTC) + timedelta(hours=self._hours + hours - 0.5)).isoformat()
        status = team.may_lead(user)
        path = f"{_PATHS[kind]}/{self._ids[thing]}/share"
        reply = self._expect(user, "POST", path, 200 if status == 204 else status, body)
        if status == 204:
            expires = None if hours is None else self.model.hour + hours - 0.5
            team.shares[thing] = Share(reply["share_id"], actions, expires)

    def unshare(self, user: int, owner: int, slot: int) -> None:
        """A job: sessions are ended by their share, which is tried with it."""
        team = self.model.teams[slot]
        for kind in KINDS:
            thing = self._things[owner, kind]
            share = team.shares.get(thing)
            may = share is not None and (user == owner or user in team.leads())
            path = f"/api/v1/shares/{share.share_id}" if share else "/api/v1/shares/" + str(uuid4())
            if kind == "job":
                path = f"{_PATHS[kind]}/{self._ids[thing]}/share/{team.team_id}"
            if self._expect(user, "DELETE", path, 204 if may else 404):
                del team.shares[thing]

    def revoke_all(self, user: int) -> None:
        self._expect(user, "DELETE", "/api/v1/shares", 200)
        for kind in KINDS:
            self.model.forget(self._things[user, kind])

    def delete_thing(self, user: int, kind: str) -> None:
        """Another one takes its place."""
        thing = self._things[user, kind]
        for _ in KINDS[: 1 + (kind == "job")]:  # a job is cancelled first
            self._expect(user, "DELETE", f"{_PATHS[kind]}/{self._ids[thing]}", 204)
        self.model.forget(thing)
        self._things[user, kind] = thing._replace(number=thing.number + 1)
        self._make(self._things[user, kind])

    def pass_time(self, hours: int) -> None:
        self.owner.execute("update app.test_clock set ahead = ahead + make_interval(hours => %s)", [hours])
        self._hours += hours
        self.model.hour += hours

    # What must hold

    def check(self) -> None:
        """Everybody may do what the model says, by the functions that all readers ask."""
        for kind, may in (("job", _MAY_JOB), ("session", _MAY_SESSION)):
            things = [self._things[user, kind] for user in USERS]
            rows = self.owner.execute(
                f"select u.place - 1, t.place - 1, a.action from unnest(%s::bigint[]) with ordinality as u (id, place)"
                " cross join unnest(%s::text[]) with ordinality as t (id, place)"
                f" cross join unnest(array['view', 'download']) as a (action) where {may}".encode(),
                [[person.user_id for person in self.people], [self._ids[thing] for thing in things]],
            ).fetchall()
            found = set(rows)
            expected = {
                (user, place, action)
                for user in USERS
                for place, thing in enumerate(things)
                for action in self.model.actions(user, thing)
            }
            self._same(found, expected, kind)
        for team in self.model.teams.values():
            if not team.leads():
                self._fail("a team has no lead")

    def sync(self, user: int, limit: int) -> None:
        """What a member has gathered from all deltas is what is shared with them."""
        self.people[user].sync(limit)
        found = {
            share_id: frozenset(action for action in ("view", "download") if item[f"can_{action}"])
            for share_id, item in self.people[user].shared.items()
        }
        self._same(found, self.model.shared_with(user), f"deltas of user {user}")

    def _make(self, thing: Thing) -> None:
        person = self.people[thing.owner]
        name = f"{thing.kind} {uuid4().hex}"
        person.record(name)
        self._ids[thing] = name if thing.kind == "session" else person.analyse(name)

    def _team(self, slot: int) -> str:
        return f"/api/v1/teams/{self.model.teams[slot].team_id}"

    def _expect(self, user: int, method: str, path: str, status: int, body: Any = None) -> Any:
        """The reply, or True if there is none. None: it was refused, as expected."""
        try:
            reply = self.people[user].ask(method, path, body, status)
            return status == 204 or (reply if status == 200 else None)
        except AssertionError as error:
            self.failure = self.failure or error
            raise

    def _same(self, found: Any, expected: Any, what: str) -> None:
        if found != expected:
            self._fail(f"{what}: {found} instead of {expected}")

    def _fail(self, message: str) -> None:
        error = AssertionError(message)
        self.failure = self.failure or error
        raise error
