"""Planted bugs: the mistakes that sync servers make, each as a small change of the real source.

The histories must find every one of them; a bug whose text is no longer in the source must be written again.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import psycopg
import pytest

from koodtx.resources import project_folder

_ROOT = project_folder("sql").parent


class Edit(NamedTuple):
    """In the file, `old` becomes `new`."""

    file: str
    old: str
    new: str


_ADVANCE = "sql/recordings/next_change.sql"
_FINISH = "sql/sync/finish_push.sql"
_OPEN = "sql/sync/open_push.sql"
_DELETE = "sql/sessions/delete_session.sql"
_UPSERT = "sql/recordings/upsert_readings.sql"
_PULL_SESSIONS = "sql/sync/pull_sessions.sql"
_RANGES = "sql/recordings/changed_ranges.sql"
_READINGS_JSON = "sql/recordings/readings_json.sql"
_PAGE = "koodtx/sync/pull/page.py"
_STREAM = "koodtx/sync/pull/stream.py"
_RECEIVE = "koodtx/sync/push/receive.py"
_ARRANGE = "koodtx/sync/push/arrange.py"
_APPLY = "koodtx/sync/push/apply.py"

_CLOCK_TIME = """greatest(
            date_trunc('milliseconds', clock_timestamp()), change_sequences.changed_at + interval '1 millisecond'
        )"""
_CLOCK_UPDATE = """    update app.change_sequences
    set
        change_no = change_sequences.change_no + 1,
        changed_at = greatest(
            date_trunc('milliseconds', clock_timestamp()), change_sequences.changed_at + interval '1 millisecond'
        ),
        reading_count = change_sequences.reading_count + _readings
    where user_id = _user_id
    returning change_sequences.change_no, change_sequences.changed_at;"""
_HEAD = """    select g.id, g.created_at, c.change_no, c.changed_at
    from app.sync_epoch as g, app.change_sequences as c
    where c.user_id = _user_id;"""
_NEWEST = """    select g.id, g.created_at, coalesce(s.change_no, 0), coalesce(s.updated_at, g.created_at)
    from app.sync_epoch as g left join lateral (
        select change_no, updated_at from app.recording_sessions where user_id = _user_id
        order by change_no desc limit 1
    ) as s on true;"""


# These leave the owner's row alone, and so its count of readings: the world does not look at that then.
COUNT_NO_READINGS = ("clock without the owner's row", "numbers from a sequence")


def _without_owner_row(number: str, time: str) -> list[Edit]:
    """Changes numbered and timed by something else than the row that each owner's changes lock."""
    return [
        Edit(_ADVANCE, _CLOCK_UPDATE, f"    select {number}, {time} where _readings is not null and _user_id > 0;"),
        Edit("sql/sync/pull_head.sql", _HEAD, _NEWEST),
    ]


_EARLY_REPLY = [
    Edit(
        _RECEIVE,
        "async def receive(\n",
        "async def receive(pool, settings, caller, body, idempotency_key, arrival=None):\n"
        "    import asyncio\n"
        "    answered = asyncio.get_running_loop().create_future()\n"
        "    work = asyncio.create_task(_receive(pool, settings, caller, body, idempotency_key, answered, arrival))\n"
        "    try:\n"
        "        await asyncio.wait([answered, work], return_when=asyncio.FIRST_COMPLETED)\n"
        "    except asyncio.CancelledError:\n"
        "        work.cancel()\n"
        "        raise\n"
        "    return answered.result() if answered.done() else await work\n\n\n"
        "async def _receive(\n",
    ),
    Edit(_RECEIVE, "idempotency_key: str | None,\n", "idempotency_key: str | None, answered,\n"),
    Edit(
        _RECEIVE,
        "                result = await _applied(",
        "                connection.answered = answered\n                result = await _applied(",
    ),
    Edit(
        _APPLY,
        "        reply = await store.finish_push(connection, caller, opened, batch, terms, written)\n",
        "        reply = await store.finish_push(connection, caller, opened, batch, terms, written)\n"
        "        connection.answered.set_result(msgspec.convert(reply, SyncPushResponse))\n",
    ),
]

BUGS: dict[str, list[Edit]] = {
    "time of the transaction's begin": [Edit(_ADVANCE, _CLOCK_TIME, "now()")],
    "clock without the owner's row": _without_owner_row(
        "(extract(epoch from clock_timestamp()) * 1e6)::bigint", "clock_timestamp()"
    ),
    "numbers from a sequence": [
        Edit(
            _ADVANCE,
            "create or replace",
            "create sequence if not exists app.numbers;\n"
            "grant usage on sequence app.numbers to koodtx_app;\ncreate or replace",
        ),
        *_without_owner_row("nextval('app.numbers')", "clock_timestamp()"),
    ],
    "clock read after the rows": [
        Edit(
            _PAGE,
            "        server_timestamp = cursor.until_at\n",
            "        head = await store.pull_head(connection, caller.user_id)\n"
            "        cursor = msgspec.structs.replace(cursor, until=head.change_no, until_at=head.changed_at)\n"
            "        server_timestamp = cursor.until_at\n",
        )
    ],
    "paging by change_no": [Edit(_PULL_SESSIONS, "order by changed.id", "order by changed.change_no")],
    "base moves while there is more": [
        Edit(
            _STREAM,
            "    if has_more:\n        return msgspec.structs.replace(cursor, after=",
            "    if has_more:\n        return msgspec.structs.replace(cursor, base=cursor.until, after=",
        ),
    ],
    "later pages give their own time": [Edit(_PAGE, "        if number > 1:\n", "        if number > 99:\n")],
    "after skips the rest of a session": [
        Edit(_PAGE, "after.recording_id + (after.sensor_type_id is None)", "after.recording_id + 1")
    ],
    "after goes on a millisecond later": [
        Edit(_STREAM, "_MICROSECOND = timedelta(microseconds=1)", "_MICROSECOND = timedelta(milliseconds=1)")
    ],
    "no tombstone": [
        Edit(
            _PULL_SESSIONS, "where s.user_id = _user_id and", "where s.deleted_at is null and s.user_id = _user_id and"
        )
    ],
    "a delete takes no number": [Edit(_DELETE, "change_no = _now.change_no, updated_at = _now.changed_at,\n", "\n")],
    "deleted sessions come back": [Edit(_OPEN, "_old.deleted_at is not null", "false")],
    "push_id ignored": [
        Edit(_OPEN, "p.push_id = _push_id", "p.push_id = _push_id and false"),
        Edit(_FINISH, "'push_id' is not null;", "'push_id' is not null on conflict do nothing;"),
    ],
    "replaces ignored": [Edit(_OPEN, "from unnest(_replaces) as", "from unnest('{}'::text[]) as")],
    "replaced though it was applied": [
        Edit(
            _OPEN,
            "p.push_id = _push_id;",
            "p.push_id = _push_id"
            " and not exists (select from app.replaced_pushes as r"
            " where r.recording_id = _old.id and r.push_id = _push_id);",
        )
    ],
    "push_id of another body answered": [Edit(_OPEN, "_push.body_hash <> _body_hash", "false")],
    "answered before the commit": _EARLY_REPLY,
    "duplicates counted as updated": [
        Edit(_UPSERT, "        where d.recording_id is null\n            or (", "        where true or ("),
    ],
    "first of the batch wins": [Edit(_ARRANGE, "np.lexsort((places, micros))", "np.lexsort((-places, micros))")],
    "range of a change too small": [
        Edit(
            _FINISH,
            "c.from_at, c.to_at, _device_key",
            "c.from_at, c.from_at, _device_key",
        )
    ],
    "fresh where there are readings": [Edit(_OPEN, "c.to_at >= batch.from_at", "c.to_at > batch.from_at")],
    "sync epoch ignored": [Edit(_PAGE, "cursor.sync_epoch != sync_epoch or cursor.base > head.change_no", "False")],
    "own=false forgets other devices": [Edit(_RANGES, "c.device_key is distinct from _without", "_without is null")],
    "data_count counts updates": [
        Edit(_FINISH, "s.data_count + _counts.inserted", "s.data_count + _counts.inserted + _counts.updated")
    ],
    "sessions of any owner": [
        Edit(
            _OPEN,
            "where s.user_id = _user_id and s.session_id = _session_id for update;",
            "where s.session_id = _session_id order by s.user_id desc limit 1 for update;",
        ),
    ],
    "sessions not locked": [
        Edit(
            _OPEN,
            "where s.user_id = _user_id and s.session_id = _session_id for update;",
            "where s.user_id = _user_id and s.session_id = _session_id;",
        ),
    ],
    "readings compared by column only": [
        Edit(_UPSERT, "d.bearing, d.extra)", "d.bearing)"),
        Edit(_UPSERT, "b.bearing, b.extra)", "b.bearing)"),
    ],
}

# Seeds from which a search meets the bug within two dozen histories, where the first seed takes longer.
SEEDS = {
    "time of the transaction's begin": 2,
    "clock without the owner's row": 2,
    "numbers from a sequence": 2,
    "later pages give their own time": 6,
    "after goes on a millisecond later": 5,
    "own=false forgets other devices": 2,
    "sessions not locked": 3,
    "replaced though it was applied": 3,
}


def edited(file: str, edits: list[Edit]) -> str:
    """The text of a source file with the edits made, at every place."""
    text = (_ROOT / file).read_text()
    for edit in edits:
        if edit.file == file:
            assert edit.old in text, f"{file} has changed: write this bug again"
            text = text.replace(edit.old, edit.new)
    return text


@contextmanager
def planted(name: str, owner: psycopg.Connection[Any]) -> Iterator[None]:
    """Has a bug, in the database and in this process, and takes it out of this process again."""
    edits = BUGS[name]
    with pytest.MonkeyPatch.context() as patch:
        for file in dict.fromkeys(edit.file for edit in edits):
            text = edited(file, edits)
            if file.endswith(".sql"):
                owner.execute(text)
            else:
                _patch_module(patch, file, text)
        yield


def _patch_module(patch: pytest.MonkeyPatch, file: str, text: str) -> None:
    """Functions and constants of the edited text take the place of the module's, also where they were imported."""
    module = sys.modules[file.removesuffix(".py").replace("/", ".")]
    names = dict(module.__dict__)
    exec(compile(text, str(Path(file)), "exec"), names)
    for name, value in names.items():
        # Of a decorated function, this is the decorator's: it has other globals.
        if isinstance(value, FunctionType) and value.__globals__ is names:
            function = FunctionType(value.__code__, module.__dict__, name, value.__defaults__)
            function.__kwdefaults__ = value.__kwdefaults__
            for importer in _importers(name, module.__dict__.get(name)):
                patch.setattr(importer, name, function)
            patch.setattr(module, name, function, raising=False)
        elif isinstance(value, int | timedelta):
            patch.setattr(module, name, value)


def _importers(name: str, value: Any) -> list[ModuleType]:
    """Modules of KooDTX that have the function under its name."""
    ours = [module for title, module in sys.modules.items() if title.startswith("koodtx")]
    return [module for module in ours if value is not None and module.__dict__.get(name) is value]
