"""Accounts with records in their diary, written by SQL: many at once."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from tests.support.aliases import Db

DAY = date(2026, 3, 2)


def create(db: Db, count: int, timezone: str = "Asia/Seoul") -> list[int]:
    """Accounts without user names; their ids."""
    rows = db.execute(
        "insert into app.users (timezone) select %s from generate_series(1, %s) returning id", [timezone, count]
    ).fetchall()
    return [row[0] for row in rows]


def note(db: Db, users: list[int], record_type: str, at: str = "2026-03-02T12:00:00+09:00", **fields: Any) -> None:
    """A record for each of them."""
    wanted = {"what": "비빔밥"} if record_type == "food" else {"activity": "걷기", "minutes": 30}
    db.execute(
        "insert into app.diary_records"
        " (user_id, record_id, record_type, at, what, activity, minutes, created_at, updated_at)"
        " select u, gen_random_uuid(), %(type)s, %(at)s, %(what)s, %(activity)s, %(minutes)s, now(), now()"
        " from unnest(%(users)s::bigint[]) as u",
        {"users": users, "type": record_type, "at": at, "what": None, "activity": None, "minutes": None}
        | wanted | fields,
    )  # fmt: skip


def ready(db: Db, count: int, timezone: str = "Asia/Seoul", **food: Any) -> list[int]:
    """Accounts with food and exercise on DAY."""
    users = create(db, count, timezone)
    note(db, users, "food", **food)
    note(db, users, "exercise")
    return users


def rows(db: Db) -> list[tuple[int, str | None, str | None, int]]:
    """Of every recommendation: the user, the English text, the error, how many runs tried."""
    return db.execute("select user_id, text_en, error, attempts from app.recommendations order by user_id").fetchall()


def job_id() -> UUID:
    """Of another run each time."""
    return uuid4()
