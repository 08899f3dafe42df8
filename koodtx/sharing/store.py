"""The room's SQL calls."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from koodtx.accounts.caller import Caller
from koodtx.analysis.messages import KINDS
from koodtx.database.query import Connection, fetch_all, fetch_one, fetch_value
from koodtx.keyset import Place
from koodtx.sharing.messages import Access, NewShare, Share, SharedItem
from koodtx.sync.store import pull_head


class Outcome(Struct):
    """done, or why not: missing, no_team, not_lead, expired."""

    outcome: str
    share_id: UUID | None


class ShareRow(Share, kw_only=True):
    """A share with its place in a list."""

    @property
    def place(self) -> Place[UUID]:
        return Place(self.created_at, self.share_id)


class AccessRow(Access, kw_only=True):
    """An entry of an access log with its internal number."""

    id: int

    @property
    def place(self) -> Place[int]:
        return Place(self.at, self.id)


class ChangedShare(SharedItem, kw_only=True):
    """A share that was gained or lost."""

    is_live: bool


class Head(Struct):
    """Where a user's change sequence stands, and what time it is."""

    sync_epoch: UUID
    change_no: int
    at: datetime


async def share_job(connection: Connection, caller: Caller, job_id: UUID, new: NewShare) -> Outcome:
    """Shares an analysis of the caller; an administrator can share any."""
    outcome = await fetch_one(
        connection,
        Outcome,
        """
        select * from app.share_job(
            %(user_id)s, %(is_admin)s, %(job_id)s, %(tasks)s, %(team_id)s, %(can_view)s, %(can_download)s,
            %(expires_at)s
        )
        """,
        _of(caller, new) | {"job_id": job_id, "tasks": list(KINDS)},
    )
    assert outcome is not None
    return outcome


async def share_session(connection: Connection, caller: Caller, session_id: str, new: NewShare) -> Outcome:
    """Shares a session of the caller."""
    outcome = await fetch_one(
        connection,
        Outcome,
        """
        select * from app.share_session(
            %(user_id)s, %(is_admin)s, %(session_id)s, %(team_id)s, %(can_view)s, %(can_download)s, %(expires_at)s
        )
        """,
        _of(caller, new) | {"session_id": session_id},
    )
    assert outcome is not None
    return outcome


async def owns_job(connection: Connection, user_id: int, job_id: UUID) -> bool:
    return bool(
        await fetch_value(
            connection,
            "select exists(select from app.jobs where id = %(id)s and user_id = %(user_id)s and task = any(%(tasks)s))",
            {"id": job_id, "user_id": user_id, "tasks": list(KINDS)},
        )
    )


async def owns_session(connection: Connection, user_id: int, session_id: str) -> bool:
    return bool(
        await fetch_value(
            connection,
            "select exists(select from app.readable_sessions(%(user_id)s) where session_id = %(session_id)s)",
            {"user_id": user_id, "session_id": session_id},
        )
    )


async def live_shares(
    connection: Connection,
    owner_id: int,
    *,
    job_id: UUID | None = None,
    session_id: str | None = None,
    before: Place[UUID] | None = None,
    limit: int | None = None,
) -> list[ShareRow]:
    """The owner's shares that have neither ended nor expired, newest first, after a place."""
    return await fetch_all(
        connection,
        ShareRow,
        """
        select * from app.live_shares(
            %(owner_id)s, %(job_id)s, %(session_id)s, %(before_at)s, %(before_id)s, %(limit)s
        )
        """,
        {
            "owner_id": owner_id,
            "job_id": job_id,
            "session_id": session_id,
            "before_at": before.at if before else None,
            "before_id": before.key if before else None,
            "limit": limit,
        },
    )


async def get_share(connection: Connection, share_id: UUID) -> Share:
    """A share that was just made or changed."""
    share = await fetch_one(
        connection,
        Share,
        "select * from app.live_shares(null, null, null, null, null, 1, %(share_id)s)",
        {"share_id": share_id},
    )
    assert share is not None
    return share


async def end_share(connection: Connection, caller: Caller, share_id: UUID) -> int:
    """Ends a share that the caller may end; how many there were."""
    ended: int = await fetch_value(
        connection,
        """
        select app.end_shares(array(
            select share_id from app.revocable_shares(%(user_id)s, %(is_admin)s) where share_id = %(share_id)s
        ))
        """,
        {"user_id": caller.user_id, "is_admin": caller.is_admin, "share_id": share_id},
    )
    return ended


async def end_share_of_job(connection: Connection, caller: Caller, job_id: UUID, team_id: UUID) -> int:
    """Ends the share of a job with a team if the caller may end it; how many there were."""
    ended: int = await fetch_value(
        connection,
        """
        select app.end_shares(array(
            select share_id from app.revocable_shares(%(user_id)s, %(is_admin)s)
            where job_id = %(job_id)s and team_id = %(team_id)s
        ))
        """,
        {"user_id": caller.user_id, "is_admin": caller.is_admin, "job_id": job_id, "team_id": team_id},
    )
    return ended


async def end_share_of_session(connection: Connection, owner_id: int, session_id: str, team_id: UUID) -> int:
    """Ends the share of the owner's session with a team; how many there were."""
    ended: int = await fetch_value(
        connection,
        """
        select app.end_shares(array(
            select share_id from app.shares
            where team_id = %(team_id)s and ended_at is null and recording_id = (
                select id from app.readable_sessions(%(owner_id)s) where session_id = %(session_id)s
            )
        ))
        """,
        {"owner_id": owner_id, "session_id": session_id, "team_id": team_id},
    )
    return ended


async def end_all(connection: Connection, owner_id: int) -> int:
    """Ends every share of the owner's; how many there were."""
    ended: int = await fetch_value(
        connection,
        """
        select app.end_shares(array(
            select share_id from app.shares where owner_id = %(owner_id)s and ended_at is null
        ))
        """,
        {"owner_id": owner_id},
    )
    return ended


async def owns_share(connection: Connection, owner_id: int, share_id: UUID) -> bool:
    """Whether it is or was a share of the owner's."""
    return bool(
        await fetch_value(
            connection,
            "select exists(select from app.shares where share_id = %(share_id)s and owner_id = %(owner_id)s)",
            {"share_id": share_id, "owner_id": owner_id},
        )
    )


async def list_accesses(
    connection: Connection, owner_id: int, share_id: UUID, *, before: Place[int] | None, limit: int
) -> list[AccessRow]:
    """Who used a share of the owner's, newest first, after a place."""
    return await fetch_all(
        connection,
        AccessRow,
        "select * from app.list_accesses(%(owner_id)s, %(share_id)s, %(before_at)s, %(before_id)s, %(limit)s)",
        {
            "owner_id": owner_id,
            "share_id": share_id,
            "before_at": before.at if before else None,
            "before_id": before.key if before else None,
            "limit": limit,
        },
    )


async def head(connection: Connection, user_id: int) -> Head:
    """To be read before a page's rows, never after."""
    found = await pull_head(connection, user_id)
    return Head(found.sync_epoch, found.change_no, await fetch_value(connection, "select app.now()"))


async def share_changes(
    connection: Connection, user_id: int, of_sessions: bool, base: int, since: datetime, after: UUID | None, limit: int
) -> list[ChangedShare]:
    """Shares that were gained or lost after the change number `base` and the time `since`, by share_id."""
    return await fetch_all(
        connection,
        ChangedShare,
        """
        select * from app.share_changes(
            %(user_id)s, %(of_sessions)s, %(base)s, %(since)s, %(after)s, %(limit)s
        )
        """,
        {
            "user_id": user_id,
            "of_sessions": of_sessions,
            "base": base,
            "since": since,
            "after": after,
            "limit": limit,
        },
    )


def _of(caller: Caller, new: NewShare) -> dict[str, Any]:
    return {
        "user_id": caller.user_id,
        "is_admin": caller.is_admin,
        "team_id": new.team_id,
        "can_view": new.can_view,
        "can_download": new.can_download,
        "expires_at": new.expires_at,
    }
