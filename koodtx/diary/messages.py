"""Requests and answers of the diary."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from koodtx.names import NO_NUL, ClientId
from koodtx.sync.messages import Time

MAX_CURSOR_LENGTH = 512
MAX_CHANGES = 100

RecordType = Literal["food", "exercise"]
What = Annotated[str, Meta(min_length=1, max_length=500, pattern=NO_NUL, description="Food: what it was.")]
Energy = Annotated[float, Meta(ge=0, le=20_000, description="Food.")]
Tags = Annotated[list[ClientId], Meta(max_length=20, description="Food.")]
Activity = Annotated[ClientId, Meta(description="Exercise: of which kind.", examples=["running"])]
Minutes = Annotated[float, Meta(gt=0, le=10_080, description="Exercise: needed without a `session_id`.")]
SessionId = Annotated[ClientId, Meta(description="Exercise: the session that recorded it, also one yet to be pushed.")]


class NewRecord(Struct, kw_only=True):
    """A food record has `what`, an exercise record `activity`, and `minutes` or `session_id`."""

    record_id: Annotated[UUID, Meta(description="Made by the client, permanently unique for this user.")]
    record_type: RecordType
    at: Time
    what: What | None = None
    energy_kcal: Energy | None = None
    tags: Tags | None = None
    activity: Activity | None = None
    minutes: Minutes | None = None
    session_id: SessionId | None = None


class RecordPatch(Struct, kw_only=True, omit_defaults=True):
    """Fields that are to change; null removes one that is optional."""

    at: Time | UnsetType = UNSET
    what: What | UnsetType | None = UNSET
    energy_kcal: Energy | UnsetType | None = UNSET
    tags: Tags | UnsetType | None = UNSET
    activity: Activity | UnsetType | None = UNSET
    minutes: Minutes | UnsetType | None = UNSET
    session_id: SessionId | UnsetType | None = UNSET


class DiaryRecord(Struct, kw_only=True):
    """A record as it is stored."""

    record_id: UUID
    record_type: RecordType
    at: datetime
    what: str | None
    energy_kcal: float | None
    tags: list[str] | None
    activity: str | None
    minutes: float | None
    session_id: str | None
    created_at: datetime
    updated_at: datetime


class FromSession(Struct):
    """Duration, distance and mean speed by the session of an exercise; null: not known."""

    duration_s: float | None
    distance_m: float | None
    mean_speed_m_s: float | None


class OneRecord(DiaryRecord, kw_only=True):
    """A record, with the measures of its session."""

    from_session: Annotated[FromSession | None, Meta(description="null: it names no session of mine.")]


class RecordList(Struct):
    """A page of records, the latest first."""

    records: list[DiaryRecord]
    next: Annotated[str | None, Meta(description="Pass it as `before` for the next page; null: there is none.")]


class RecordSync(Struct, kw_only=True):
    """Changes that were made on the device, and the cursor after which it wants the changes of others."""

    records: Annotated[
        list[NewRecord], Meta(max_length=MAX_CHANGES, description="New or changed, whole, oldest change first.")
    ] = []
    deleted: Annotated[list[UUID], Meta(max_length=MAX_CHANGES, description="Deleted on the device.")] = []
    cursor: Annotated[
        Annotated[str, Meta(max_length=MAX_CURSOR_LENGTH)] | None,
        Meta(description="Of the answer before; null: everything."),
    ] = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class SyncedRecords(Struct):
    """What changed since the cursor, the device's own changes included."""

    records: Annotated[list[DiaryRecord], Meta(description="New or changed: replace what you have by `record_id`.")]
    deleted: Annotated[list[UUID], Meta(description="Forget these, whether you have them or not.")]
    has_more: Annotated[bool, Meta(description="Ask again at once, with `cursor`.")]
    cursor: Annotated[str, Meta(description="For the next request; it never expires.")]
