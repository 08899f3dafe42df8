"""Requests and answers of shares."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

# Text of a cursor of `shared-with-me`.
MAX_CURSOR_LENGTH = 512

_EXPIRES = Meta(description="By the server's clock; null: it does not expire.")


class NewShare(Struct, kw_only=True):
    """Whom to share with, and what they may do. Sharing with the same team again replaces all of it."""

    team_id: UUID
    can_view: Annotated[bool, Meta(description="See it: state, result, charts, events.")] = True
    can_download: Annotated[bool, Meta(description="Download it as a file.")] = True
    expires_at: Annotated[Annotated[datetime, Meta(tz=True)] | None, _EXPIRES] = None


class Share(Struct, kw_only=True):
    """A share that has neither ended nor expired: of an analysis, by its `job_id`, or else of a session."""

    share_id: UUID
    job_id: UUID | None
    kind: Annotated[str | None, Meta(description="Of the analysis.", examples=["analyze_sensor_data"])]
    session_id: Annotated[str | None, Meta(description="Of the session, or of the session that was analysed.")]
    team_id: UUID
    team_name: str
    can_view: bool
    can_download: bool
    expires_at: Annotated[datetime | None, _EXPIRES]
    created_at: datetime


class ShareList(Struct):
    """A page of shares, newest first."""

    shares: list[Share]
    next: Annotated[str | None, Meta(description="Pass it as `before` for the next page; null: there is none.")]


class ShareCount(Struct):
    """How many shares have ended now."""

    revoked: int


class Access(Struct):
    """A member of the team viewed or downloaded it: the first time in an hour."""

    user_id: int
    name: Annotated[str | None, Meta(description="The name, or else the user name.")]
    action: Literal["view", "download"]
    at: datetime


class AccessList(Struct):
    """A page of an access log, newest first."""

    accesses: list[Access]
    next: Annotated[str | None, Meta(description="Pass it as `before` for the next page; null: there is none.")]


class SharedItem(Share, kw_only=True):
    """A share of another user with a team of mine."""

    owner_id: Annotated[int, Meta(description="`user_id` of the owner of what is shared.")]
    owner_name: str | None


class SharedWithMe(Struct):
    """What was shared with me since the cursor, as it is now, and what no longer is."""

    gained: Annotated[list[SharedItem], Meta(description="New or changed: replace what you have by `share_id`.")]
    lost: Annotated[list[UUID], Meta(description="`share_id`s to delete, if you have them.")]
    has_more: Annotated[bool, Meta(description="Request the next page at once, with `cursor`.")]
    cursor: Annotated[str, Meta(description="For the next request; it never expires.")]
