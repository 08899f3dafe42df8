"""Row "shares": a result that is one's own, and one that a team shares."""

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from bench.client import Client
from bench.data import push_body, readings
from bench.figures import Figure
from bench.measure import in_turns
from bench.servers import Servers
from bench.sizes import Sizes

_TEAMS = 20
_SHARES = 200
_QUESTION = b'{"kind": "calculate_session_metrics", "session_id": "shared"}'
_RESULT = {"record_count": 1_000, "minutes": list(range(60))}


def shares(servers: Servers, sizes: Sizes) -> list[Figure]:
    """Compares reads of one result by its owner with those of a member, whose share is one of many in many teams."""
    with servers.api() as api, Client(api.port) as owner, Client(api.port) as member:
        owner.push(push_body("shared", readings(300)))
        job_id = msgspec.json.decode(owner.send("POST", "/api/v1/analysis", _QUESTION))["job_id"]
        with psycopg.connect(api.owner_url, autocommit=True) as connection:
            _share(connection, job_id, owner.user_id, member.user_id)
        path = f"/api/v1/analysis/{job_id}/result"

        def read(client: Client) -> None:
            for _ in range(sizes.shared_reads):
                client.send("GET", path)

        own_s, shared_s = in_turns(lambda _: read(owner), lambda _: read(member), sizes.rounds)
    return [
        Figure(
            row="shares",
            value=shared_s / own_s,
            goal=1.5,
            is_at_least=False,
            measured=f"{_ms(shared_s, sizes)} ms to read a shared result, in {_TEAMS} teams with {_SHARES} shares",
            against=f"{_ms(own_s, sizes)} ms to read one's own",
        )
    ]


def _ms(seconds: float, sizes: Sizes) -> str:
    return f"{seconds / sizes.shared_reads * 1000:.2f}"


def _share(connection: psycopg.Connection, job_id: str, owner_id: int, member_id: int) -> None:
    """The job is done, and its share is one of many; the others are of jobs that are gone, which costs as much."""
    connection.execute(
        "update app.jobs set status = 'completed', progress = 100, version = 2, result = %s, finished_at = now()"
        " where id = %s",
        [Jsonb(_RESULT), job_id],
    )
    connection.execute(
        """
        with made as (
            insert into app.teams (name, created_by)
            select 'team ' || n, %(owner)s from generate_series(1, %(teams)s) as n
            returning team_id
        )
        insert into app.team_members (team_id, user_id, role)
        select made.team_id, person.id, person.role
        from made cross join (values (%(owner)s, 'lead'), (%(member)s, 'member')) as person (id, role)
        """,
        {"owner": owner_id, "member": member_id, "teams": _TEAMS},
    )
    connection.execute(
        """
        insert into app.shares (team_id, owner_id, job_id, shared_by, can_view, can_download, expires_at)
        select
            teams.ids[1 + n %% %(teams)s], %(owner)s, case n when 0 then %(job_id)s else gen_random_uuid() end,
            %(owner)s, true, true, now() + interval '1 day'
        from generate_series(0, %(shares)s - 1) as n
        cross join (select array_agg(team_id) as ids from app.teams) as teams
        """,
        {"owner": owner_id, "job_id": job_id, "teams": _TEAMS, "shares": _SHARES},
    )
    connection.execute("analyze")
