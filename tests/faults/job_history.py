"""Every change of every job, written down by the database itself: what was effected, and how often."""

from collections import defaultdict
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

_TRIGGER = """
create table public.job_changes (
    number bigint generated always as identity, id uuid, status text, version bigint, attempt integer, result jsonb
);
create function public.note_job_change() returns trigger language plpgsql security definer as $$
begin
    -- A new lease, rank or key of the answer is not a change that listeners are sent.
    if to_jsonb(old) - '{lease_until,queue_rank,answer_key}'::text[]
        is distinct from to_jsonb(new) - '{lease_until,queue_rank,answer_key}'::text[]
    then
        insert into public.job_changes (id, status, version, attempt, result)
        values (new.id, new.status, new.version, new.attempt, new.result);
    end if;
    return null;
end $$;
create trigger note_change after insert or update on app.jobs
for each row execute function public.note_job_change();
"""


class Change(NamedTuple):
    """A state that a job was in."""

    status: str
    version: int
    attempt: int
    result: dict[str, Any] | None


def begin(db: psycopg.Connection[Any]) -> None:
    """To be called before the first job is enqueued."""
    db.execute(_TRIGGER)


def read(db: psycopg.Connection[Any]) -> dict[UUID, list[Change]]:
    """The states of each job, the first one first."""
    changes: defaultdict[UUID, list[Change]] = defaultdict(list)
    for job_id, *state in db.execute(
        "select id, status, version, attempt, result from public.job_changes order by number"
    ):
        changes[job_id].append(Change(*state))
    return dict(changes)


def check(changes: list[Change]) -> None:
    """The job was completed once, with one result, and nothing was written by an attempt that no longer counted."""
    assert [change.version for change in changes] == list(range(1, len(changes) + 1))
    attempts = [change.attempt for change in changes]
    assert attempts == sorted(attempts)
    assert [change.status for change in changes].count("completed") == 1
    assert changes[-1].status == "completed"
    results = [change.result for change in changes if change.result is not None]
    assert results == [changes[-1].result]
