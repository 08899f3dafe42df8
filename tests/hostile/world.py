"""Everybody who may come, and everything they may name: made once, copied with its database.

The owner shares a session and a job with one team for each of the others, so that each has a right of their own.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import jwt
import msgspec
from psycopg.types.json import Jsonb

from koodtx.storage.objects import Objects
from tests.hostile.surface import NO_JOB, NO_SCHEDULE
from tests.support.aliases import Client, Db, User
from tests.support.files import pieces
from tests.support.readings import reading
from tests.support.requests import log_in, push, push_body, register
from tests.support.settings import SECRET
from tests.support.takes import add_line

# Each is or was in a team with the owner, who leads it.
MEMBERS = ("viewer", "downloader", "lead", "former", "late", "unshared", "invited", "disabled")
PEOPLE = ("owner", "stranger", *MEMBERS, "admin", "bystander")
# What a share to the team of a member allows; all else allows both.
_RIGHTS = {"viewer": {"can_download": False}, "downloader": {"can_view": False}}

_WEBHOOK = {"url": "https://canary.example.org", "events": ["take.completed"]}

# By the name of a parameter, what it is filled with.
Names = dict[str, str]


class World(msgspec.Struct):
    """`things`: by state and person, what they name. `headers`: by person, their Authorization.

    States: shared, own, missing, deleted; beside: with a session that is not shared instead of the one that is.
    """

    headers: dict[str, dict[str, str]]
    things: dict[str, dict[str, Names]]


def build(client: Client, db: Db) -> World:
    """As the people of it would, over HTTP."""
    people = {name: register(client, name, "phone") for name in PEOPLE}
    builder = _Builder(client, db, people)
    own = {name: builder.belongings(name, f"{name}-walk") for name in PEOPLE[:-1] if name not in ("owner", "disabled")}
    shared = builder.shared("owner-walk")
    deleted = builder.shared("owner-gone")
    builder.delete(deleted)
    builder.record("owner", "owner-alone")
    missing = {
        "session_id": "no-walk", "job_id": NO_JOB, "export_id": NO_JOB, "team_id": NO_JOB, "share_id": NO_JOB,
        "invitation_id": NO_JOB, "device_id": "no-tablet", "record_id": NO_JOB, "schedule_id": NO_SCHEDULE,
        "script_id": NO_SCHEDULE, "token_id": NO_SCHEDULE, "actor_id": NO_SCHEDULE,
        "identity_id": NO_JOB,
        "webhook_id": NO_JOB,
        "take_id": NO_JOB,
    }  # fmt: skip
    builder.end_rights(shared)
    return World(
        headers={name: account["headers"] for name, account in people.items()}
        | {"expired": {"Authorization": f"Bearer {expired(people['owner'])}"}}
        | {"refresh token": {"Authorization": f"Bearer {people['owner']['refresh_token']}"}, "anonymous": {}},
        things={
            "shared": shared,
            "own": own,
            "missing": {name: names | missing for name, names in shared.items()},
            "deleted": deleted,
            "beside": {name: names | {"session_id": "owner-alone"} for name, names in shared.items()},
        },
    )


def expired(account: User) -> str:
    """The access token of an hour ago."""
    claims = jwt.decode(account["access_token"], SECRET, algorithms=["HS256"], audience="koodtx-api")
    earlier = {name: claims[name] - 3600 for name in ("iat", "exp")}
    header = jwt.get_unverified_header(account["access_token"])
    return jwt.encode(claims | earlier, SECRET, algorithm="HS256", headers=header)


class _Builder:
    def __init__(self, client: Client, db: Db, people: dict[str, User]) -> None:
        self._client = client
        self._db = db
        self._people = people

    def belongings(self, name: str, session_id: str) -> Names:
        """A person's own session, job, export, device, and team, with which all is shared."""
        names = self._recorded(name, session_id) | self._team(name)
        return names | {"share_id": self._share(name, names, {})}

    def shared(self, session_id: str) -> dict[str, Names]:
        """What each person names: the owner's things, the team where they meet the owner, and the share with it."""
        names = self._recorded("owner", session_id)
        found = {}
        for member in MEMBERS:
            in_team = names | self._team("owner", member)
            found[member] = in_team | {"share_id": self._share("owner", in_team, _RIGHTS.get(member, {}))}
        return found | dict.fromkeys(("owner", "stranger", "admin"), found["viewer"])

    def delete(self, things: dict[str, Names]) -> None:
        """All of them, as their owner."""
        names = things["owner"]
        for job_id in (names["export_id"], names["job_id"]):
            self._ask("owner", "DELETE", f"/api/v1/jobs/{job_id}")
        self._ask("owner", "DELETE", f"/api/v1/jobs/{names['export_id']}")  # it was cancelled first
        self._ask("owner", "DELETE", f"/api/sessions/{names['session_id']}")
        self._ask("owner", "DELETE", f"/api/auth/devices/{names['device_id']}")
        self._ask("owner", "DELETE", f"/api/records/{names['record_id']}")
        self._ask("owner", "DELETE", f"/api/auth/identities/{names['identity_id']}")
        self._ask("owner", "DELETE", f"/api/webhooks/{names['webhook_id']}")
        self._db.execute("delete from app.schedules where id = %s", [names["schedule_id"]])
        self._db.execute("delete from app.scripts where id = %s", [names["script_id"]])
        self._db.execute("delete from app.actors where id = %s", [names["actor_id"]])
        for team_id in {names["team_id"] for names in things.values()}:
            self._ask("owner", "DELETE", f"/api/v1/teams/{team_id}")

    def end_rights(self, things: dict[str, Names]) -> None:
        """Somebody has left, shares have ended or expired, an account is disabled, another is an administrator's."""
        self._ask("former", "DELETE", f"/api/v1/teams/{things['former']['team_id']}/members/{self._id('former')}")
        self._db.execute(
            "update app.shares set expires_at = app.now() where team_id = %s::uuid", [things["late"]["team_id"]]
        )
        unshared = things["unshared"]
        for path in (f"analysis/{unshared['job_id']}/share/{unshared['team_id']}", f"shares/{unshared['share_id']}"):
            self._ask("owner", "DELETE", f"/api/v1/{path}")
        self._db.execute("update app.users set role = 'admin' where username = 'admin'")
        self._db.execute("update app.users set is_active = false where username = 'disabled'")

    def record(self, name: str, session_id: str) -> None:
        body = push_body([reading(0, "accelerometer", x=1.5)], session_id, notes="canary")
        push(self._client, self._people[name]["headers"], body)

    def _recorded(self, name: str, session_id: str) -> Names:
        """The job has completed, so that event streams about it end. The export waits."""
        self.record(name, session_id)
        question = {"kind": "calculate_session_metrics", "session_id": session_id}
        job_id = self._ask(name, "POST", "/api/v1/analysis", question)["job_id"]
        self._db.execute(
            "update app.jobs set status = 'completed', version = 2, result = %s, finished_at = now() where id = %s",
            [Jsonb({"record_count": 1}), job_id],
        )
        wanted = {"format": "csv", "session_ids": [session_id]}
        device_id = f"tablet-of-{session_id}"
        log_in(self._client, self._people[name], device_id)
        return {
            "session_id": session_id,
            "job_id": job_id,
            "export_id": self._ask(name, "POST", "/api/v1/exports", wanted)["job_id"],
            "device_id": device_id,
            "identity_id": self._identified(name, session_id),
            "record_id": self._noted(name),
            "schedule_id": str(self._scheduled(session_id)),
            "webhook_id": self._ask(name, "POST", "/api/webhooks", _WEBHOOK)["webhook_id"],
            "take_id": self._take(name),
            "user_id": str(self._id("bystander")),
        } | self._catalogued(session_id)

    def _noted(self, name: str) -> str:
        record_id = str(uuid4())
        record = {"record_id": record_id, "record_type": "food", "at": "2026-03-02T03:30:00Z", "what": "canary"}
        self._ask(name, "POST", "/api/records/", record)
        return record_id

    def _identified(self, name: str, subject: str) -> str:
        row = self._db.execute(
            "insert into app.identities (user_id, issuer, subject) values (%s, 'https://id.example.org', %s)"
            " returning identity_id::text", [self._id(name), subject],
        ).fetchone()  # fmt: skip
        assert row is not None
        return str(row[0])

    def _line(self) -> int:
        return add_line(self._db, "canary", self._audio_row("reference"))

    def _take(self, name: str) -> str:
        job_id = str(uuid4())
        self._db.execute(
            "insert into app.takes (job_id, user_id, line_id, audio_key, duration_s, sample_rate_hz, give_up_at)"
            " values (%s, %s, %s, %s, 1, 8000, now())", [job_id, self._id(name), self._line(), self._audio_row("take")],
        )  # fmt: skip
        return job_id

    def _audio_row(self, purpose: str) -> str:
        """The key of a file of which there is only the row."""
        key = f"{purpose}/{uuid4().hex}"
        self._db.execute(
            "insert into app.stored_objects (key, purpose, file_name, media_type, stored_at, byte_count)"
            " values (%s, %s, 'a.wav', 'audio/wav', now(), 1)", [key, purpose],
        )  # fmt: skip
        return key

    def _scheduled(self, name: str) -> int:
        row = self._db.execute(
            "insert into app.schedules (name, task, frequency, hour, timezone)"
            " values (%s, 'optimize_database', 'daily', 5, 'UTC') returning id", [name],
        ).fetchone()  # fmt: skip
        assert row is not None
        return int(row[0])

    def _catalogued(self, name: str) -> Names:
        """A script with a line that has reference audio, and an actor."""
        key = self._audio()
        row = self._db.execute(
            "with file as ("
            "   insert into app.stored_objects (key, purpose, file_name, media_type, stored_at, byte_count)"
            "   values (%s, 'reference', 'a.wav', 'audio/wav', now(), 4) returning key"
            " ), script as (insert into app.scripts (title, language) values (%s, 'ko') returning id),"
            " actor as (insert into app.actors (name) values (%s) returning id)"
            " insert into app.lines (script_id, line_no, text, audio_key, audio_duration_s, audio_sample_rate_hz)"
            " select script.id, 1, 'canary', file.key, 1, 8000 from script, file"
            " returning script_id, id, (select id from actor)", [key, name, name],
        ).fetchone()  # fmt: skip
        assert row is not None
        return dict(zip(("script_id", "token_id", "actor_id"), map(str, row), strict=True))

    def _audio(self) -> str:
        """The key of a file in the store."""
        key = f"reference/{uuid4().hex}"
        objects = Objects(self._client.app.state.settings)
        asyncio.run(objects.put(key, pieces(b"RIFF"), media_type="audio/wav", disposition="attachment"))
        return key

    def _team(self, lead: str, member: str | None = None) -> Names:
        """With a bystander, and an invitation of somebody who is not there."""
        team_id = self._ask(lead, "POST", "/api/v1/teams", {"name": "canary"})["team_id"]
        members = f"/api/v1/teams/{team_id}/members"
        for name in ("bystander", *([member] if member else [])):
            self._ask(lead, "POST", members, {"username": name, "role": "lead" if name == "lead" else "member"})
            if name != "invited":
                self._ask(name, "POST", f"/api/v1/teams/{team_id}/join")
        self._ask(lead, "POST", members, {"username": "nobody"})
        (invitation,) = (
            one for one in self._ask(lead, "GET", members)["invitations"] if one["invited"] == "nobody"
        )  # fmt: skip
        return {"team_id": team_id, "invitation_id": invitation["invitation_id"]}

    def _share(self, name: str, names: Names, rights: dict[str, bool]) -> str:
        body = {"team_id": names["team_id"]} | rights
        self._ask(name, "POST", f"/api/v1/analysis/{names['job_id']}/share", body)
        share_id: str = self._ask(name, "POST", f"/api/sessions/{names['session_id']}/share", body)["share_id"]
        return share_id

    def _id(self, name: str) -> int:
        user_id: int = self._people[name]["user"]["id"]
        return user_id

    def _ask(self, name: str, method: str, path: str, body: Any = None) -> Any:
        reply = self._client.request(method, path, json=body, headers=self._people[name]["headers"])
        assert reply.is_success, reply.text
        return reply.json() if reply.content else None


class Copies:
    """Copies of single objects with all that is shared of them, for requests that change or delete them."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def of(self, kind: str, names: Names, status: str) -> Names:
        """The names, with that of a new copy. `status`: of a job."""
        makers: dict[str, Callable[[Names], Names]] = {
            "job": lambda names: self._job(names, status),
            "session": self._session,
            "share": self._session,
            "team": self._team,
            "device": self._device,
            "identity": self._identity,
            "record": self._record,
            "schedule": self._schedule,
            "script": self._script,
            "token": lambda names: names,
            "actor": self._actor,
            "webhook": self._webhook,
        }
        return names | makers[kind](names)

    def _job(self, names: Names, status: str) -> Names:
        job_id = str(uuid4())
        self._copy("jobs", "id", names["job_id"], id=job_id, status=status)
        self._copy_shares("job_id", names["job_id"], job_id)
        return {"job_id": job_id}

    def _session(self, names: Names) -> Names:
        session_id = f"walk-{uuid4()}"
        old, new = self._db.execute(
            "select id, nextval(pg_get_serial_sequence('app.recording_sessions', 'id')) from app.recording_sessions"
            " where session_id = %s", [names["session_id"]],
        ).fetchone() or (0, 0)  # fmt: skip
        self._copy("recording_sessions", "id", old, id=new, session_id=session_id)
        self._copy_shares("recording_id", old, new)
        row = self._db.execute(
            "select share_id from app.shares where recording_id = %s and team_id = %s::uuid", [new, names["team_id"]]
        ).fetchone()
        return {"session_id": session_id} | ({} if row is None else {"share_id": str(row[0])})

    def _team(self, names: Names) -> Names:
        old, team_id, invitation_id = names["team_id"], str(uuid4()), str(uuid4())
        self._copy("teams", "team_id", old, team_id=team_id)
        self._copy("team_members", "team_id", old, team_id=team_id)
        self._copy(
            "team_invitations", "invitation_id", names["invitation_id"], team_id=team_id, invitation_id=invitation_id
        )
        self._db.execute(
            "insert into app.team_invitations (team_id, invited, invited_key, user_id, role)"
            " select %s, invited, invited_key, user_id, role from app.team_invitations"
            " where team_id = %s::uuid and invitation_id <> %s", [team_id, old, names["invitation_id"]],
        )  # fmt: skip
        return {"team_id": team_id, "invitation_id": invitation_id}

    def _device(self, names: Names) -> Names:
        device_id = f"tablet-{uuid4()}"
        number = self._db.execute("select nextval(pg_get_serial_sequence('app.devices', 'id'))").fetchone()
        self._copy("devices", "device_id", names["device_id"], id=number and number[0], device_id=device_id)
        return {"device_id": device_id}

    def _identity(self, names: Names) -> Names:
        identity_id = str(uuid4())
        self._copy("identities", "identity_id", names["identity_id"], identity_id=identity_id, subject=identity_id)
        return {"identity_id": identity_id}

    def _record(self, names: Names) -> Names:
        record_id = str(uuid4())
        self._copy("diary_records", "record_id", names["record_id"], record_id=record_id)
        return {"record_id": record_id}

    def _schedule(self, names: Names) -> Names:
        name = str(uuid4())
        row = self._db.execute("select nextval(pg_get_serial_sequence('app.schedules', 'id'))").fetchone()
        assert row is not None
        self._copy("schedules", "id", names["schedule_id"], id=row[0], name=name)
        return {"schedule_id": str(row[0])}

    def _script(self, names: Names) -> Names:
        """Without lines."""
        return {"script_id": self._numbered("scripts", names["script_id"])}

    def _actor(self, names: Names) -> Names:
        return {"actor_id": self._numbered("actors", names["actor_id"], name=str(uuid4()))}

    def _numbered(self, table: str, old: str, **changes: Any) -> str:
        row = self._db.execute("select nextval(pg_get_serial_sequence(%s, 'id'))", [f"app.{table}"]).fetchone()
        assert row is not None
        self._copy(table, "id", old, id=row[0], **changes)
        return str(row[0])

    def _webhook(self, names: Names) -> Names:
        webhook_id = str(uuid4())
        self._copy("webhooks", "webhook_id", names["webhook_id"], webhook_id=webhook_id)
        return {"webhook_id": webhook_id}

    def _copy_shares(self, column: str, old: Any, new: Any) -> None:
        rows = self._db.execute(f"select share_id from app.shares where {column} = %s".encode(), [old]).fetchall()
        for (share_id,) in rows:
            self._copy("shares", "share_id", share_id, share_id=str(uuid4()), **{column: new})

    def _copy(self, table: str, key: str, old: Any, **changes: Any) -> None:
        """The rows with this key, with some columns changed."""
        changed = self._db.execute(
            f"insert into app.{table} overriding system value"
            f" select (jsonb_populate_record(null::app.{table}, to_jsonb(t) || %s)).* from app.{table} as t"
            f" where t.{key}::text = %s".encode(),
            [Jsonb(changes), str(old)],
        ).rowcount
        assert changed > 0, (table, old)
