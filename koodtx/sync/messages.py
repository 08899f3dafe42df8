"""What phones send and get."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from koodtx.readings.blocks import RejectedItem
from koodtx.sync.session_context import SessionDevice, SessionLabel, Unit, Units

MAX_READINGS_PER_PAGE = 200_000

# ISO 8601 with a time zone, or epoch milliseconds.
Time = Annotated[datetime, Meta(tz=True)] | int | float
ClientId = Annotated[str, Meta(min_length=1, max_length=64)]
# Of 50,000 readings, 16 halvings leave one.
MAX_REPLACED = 32
ReplacedIds = Annotated[
    list[ClientId],
    Meta(
        max_length=MAX_REPLACED,
        description="push_ids of this session that were abandoned: they are refused (409) if they still arrive.",
    ),
]
SentAt = Annotated[
    Time | None, Meta(description="The phone's clock when it sent the push; the header Sent-At is better for retries.")
]
TextNumbers = Annotated[
    Literal["keep", "convert"],
    Meta(
        description='What becomes of numbers in `data` that are sent as text, such as "0.12". keep: they are stored and'
        " pulled as text, are in no statistic, and are counted in `numbers_as_text`. convert: they are stored and"
        " pulled as numbers; texts within lists and objects are kept."
    ),
]


class SingleReading(Struct, gc=False):
    """One reading.

    `timestamp`: epoch milliseconds, a fraction allowed, kept to the microsecond. `data`: at most 4 KB and 8 levels.
    """

    sensor_type: Annotated[str, Meta(min_length=1, max_length=64, examples=["accelerometer"])]
    timestamp: Annotated[int | float, Meta(examples=[1760000000000.25])]
    data: Annotated[dict[str, Any], Meta(examples=[{"x": 0.12, "y": -0.03, "z": 9.81}])]


class Timestamps(Struct, omit_defaults=True):
    """Times of a block, shorter than a list: the first, and either all steps in microseconds or one in milliseconds.

    `step` goes with `count`: reading i is of `start` + i * `step`, rounded to the microsecond.
    """

    start: Annotated[int | float, Meta(description="Epoch milliseconds.", examples=[1760000000000])]
    steps_us: Annotated[
        list[int] | UnsetType, Meta(description="From each reading to the next: one fewer than there are readings.")
    ] = UNSET
    step: Annotated[int | float | UnsetType, Meta(description="Milliseconds.")] = UNSET
    count: Annotated[int, Meta(ge=0)] | UnsetType = UNSET


class SensorDataItem(Struct, omit_defaults=True):
    """A reading, with `timestamp`; or a block of readings of one sensor, with `timestamps`: a third of the bytes.

    `data` of a block has a list per key, with a value per time, and at most 64 keys. A reading without some of the
    keys goes into another block.
    """

    sensor_type: Annotated[str, Meta(min_length=1, max_length=64, examples=["accelerometer"])]
    data: Annotated[dict[str, Any], Meta(examples=[{"x": 0.12, "y": -0.03, "z": 9.81}])]
    timestamp: Annotated[int | float | UnsetType, Meta(examples=[1760000000000.25])] = UNSET
    timestamps: list[int | float] | Timestamps | UnsetType = UNSET


class PushedSession(Struct):
    """A recording session as the phone knows it. Fields sent again overwrite; absent ones don't."""

    session_id: Annotated[ClientId, Meta(description="Made by the client, permanently unique for this user.")]
    start_time: Time
    end_time: Annotated[Time | None | UnsetType, Meta(description="Set: the session has ended.")] = UNSET
    enabled_sensors: Annotated[
        list[str] | dict[str, bool] | None | UnsetType,
        Meta(description="Names of sensors. An object of true and false by name is accepted as well."),
    ] = UNSET
    units: Annotated[
        Units | None | UnsetType,
        Meta(description="By name of the sensor: what its acceleration is sent in. Not named: m/s2."),
    ] = UNSET
    device: Annotated[
        SessionDevice | None | UnsetType, Meta(description="What records the session; its members replace all before.")
    ] = UNSET
    sample_rate: Annotated[float, Meta(gt=0, le=1_000_000, description="Hz")] | None | UnsetType = UNSET
    notes: Annotated[str, Meta(max_length=10_000)] | None | UnsetType = UNSET
    is_uploaded: Annotated[bool | UnsetType, Meta(description="Absent: follows end_time.")] = UNSET


class SessionFields(NamedTuple):
    """A session by the client's own id, and the fields that were sent, as JSON values for the database."""

    session_id: str
    fields: dict[str, Any]


class PushTerms(NamedTuple):
    """What a push says of itself, apart from session and readings.

    `replaces`: ids of pushes that must not be applied any more. `clock_offset_ms`: the server's clock minus the
    phone's.
    """

    push_id: str | None = None
    replaces: Sequence[str] = ()
    clock_offset_ms: int | None = None


class SyncPushRequest(Struct):
    """A batch of readings of one session, 50,000 at most; single readings and blocks may be mixed."""

    session: PushedSession
    push_id: Annotated[ClientId | None, Meta(description="Made by the client; a retry sends the same one.")] = None
    replaces: ReplacedIds = []
    sent_at: SentAt = None
    sensor_data: list[SensorDataItem] = []
    text_numbers: TextNumbers = "keep"


class PushEnvelope(Struct):
    """SyncPushRequest before its readings are decoded."""

    session: PushedSession
    push_id: ClientId | None = None
    replaces: ReplacedIds = []
    sent_at: Time | None = None
    sensor_data: Raw = Raw(b"[]")
    text_numbers: TextNumbers = "keep"


class ArchivedSpan(Struct):
    """Times of a sensor in which the session takes no readings any more, epoch milliseconds."""

    sensor_type: str
    from_ms: Annotated[int, Meta(description="Included.")] = field(name="from")
    until_ms: Annotated[int, Meta(description="Not included.")] = field(name="until")


class AcceptedSpan(Struct):
    """Times that were accepted when a reading was refused as `future` or `out_of_range`, epoch milliseconds."""

    from_ms: int = field(name="from")
    until_ms: int = field(name="until")


class SyncPushResponse(Struct, omit_defaults=True):
    """What became of a push. total_records = inserted + updated + duplicates + errors."""

    message: str
    session_id: str
    total_records: int
    inserted: int
    updated: int
    duplicates: int
    errors: int
    rejected: Annotated[list[RejectedItem], Meta(description="The first 100.")]
    sync_log_id: int
    session_data_count: int
    server_timestamp: datetime
    archived: Annotated[list[ArchivedSpan], Meta(description="Times of this push whose readings were archived.")] = []
    accepted_times: Annotated[
        AcceptedSpan | None,
        Meta(description="Present when readings are to be held: those outside, also those that `rejected` omits."),
    ] = None
    clock_offset_ms: Annotated[
        int | None,
        Meta(description="The server's clock minus the phone's, if the phone sent its clock; positive: slow."),
    ] = None
    numbers_as_text: Annotated[
        int,
        Meta(
            ge=0,
            description='How many values of this push are numbers sent as text, such as "0.12": stored as they are, in'
            " no statistic. `text_numbers: convert` makes numbers of them. Absent: none.",
        ),
    ] = 0
    replayed: Annotated[bool, Meta(description="This push_id had been applied before; it was not again.")] = False


class SyncPullRequest(Struct):
    """Which changes to send.

    Simple form: `last_sync_time` and `page`; sessions are whole. Cursor form: begin with `"cursor": null`, pass the
    `cursor` of each answer to the next pull; a page may end inside a session.
    """

    last_sync_time: Annotated[Time | None, Meta(description="The server_timestamp of an earlier pull.")] = None
    cursor: str | None | UnsetType = UNSET
    session_ids: Annotated[list[ClientId], Meta(max_length=1000)] | None = None
    page: Annotated[int, Meta(ge=1, le=1_000_000)] | UnsetType = UNSET
    page_size: Annotated[int, Meta(ge=1, le=100)] = 50
    include_data: bool = True
    max_readings: Annotated[int, Meta(ge=1, le=MAX_READINGS_PER_PAGE)] = 50_000
    form: Annotated[
        Literal["rows", "columns"],
        Meta(description="columns: readings come in blocks where that can be."),
    ] = "rows"
    own: Annotated[bool, Meta(description="false leaves out readings that this device pushed.")] = True


class PulledSession(Struct, omit_defaults=True):
    """A recording session as the server has it, without its readings."""

    session_id: str
    start_time: datetime
    end_time: datetime | None
    is_active: bool
    enabled_sensors: Annotated[list[str] | dict[str, bool] | None, Meta(description="As it was pushed.")]
    sample_rate: float | None
    data_count: int
    notes: str | None
    is_uploaded: bool
    created_at: datetime
    updated_at: datetime
    units: Annotated[dict[str, Unit] | None, Meta(description="As it was pushed.")] = None
    device_id: Annotated[
        str | None, Meta(description="Device of the login whose push made the session. Absent: not known.")
    ] = None
    device: Annotated[SessionDevice | None, Meta(description="As it was pushed.")] = None
    archived_at: Annotated[datetime | None, Meta(description="When readings were last archived: they are gone.")] = None
    archived_count: Annotated[int, Meta(description="How many of `data_count` were archived.")] = 0
    closed_by_server_at: Annotated[
        datetime | None,
        Meta(description="When the server ended it because nothing came for long; absent again after a push opens it."),
    ] = None
    labels: Annotated[list[SessionLabel] | None, Meta(description="Those set by API. Absent: none.")] = None


class RecordingSession(PulledSession, omit_defaults=True):
    """A recording session in a pull."""

    sensor_data: list[SensorDataItem] | UnsetType = UNSET
    is_complete: Annotated[
        bool | UnsetType, Meta(description="false: the page ended inside it, the next one goes on.")
    ] = UNSET


class SyncPullResponse(Struct):
    """A page of changes. Apply `deleted` before `sessions`; keep `server_timestamp` or `cursor` for the next pull."""

    sessions: list[RecordingSession]
    deleted: list[str]
    server_timestamp: datetime
    page: int
    page_size: int
    total: int
    has_more: bool
    cursor: str | None
    sync_log_id: int | None


class DeviceStatus(Struct):
    """When a device last synced."""

    device_id: str
    last_push_at: datetime | None
    last_pull_at: datetime | None


class SyncLog(Struct):
    """One push or pull."""

    id: int
    sync_type: Literal["push", "pull"]
    status: Literal["success", "failed"]
    total_records: int
    inserted_count: int
    updated_count: int
    duplicate_count: int
    error_count: int
    sensor_types: list[str] | None
    data_bytes: int | None
    error: str | None
    clock_offset_ms: Annotated[int | None, Meta(description="As in the answer to the push.")]
    server_timestamp: datetime | None
    created_at: datetime


class SyncStatus(Struct):
    """What is stored of the caller."""

    sessions: int
    active_sessions: int
    readings: int
    server_timestamp: datetime
    devices: list[DeviceStatus]
    recent_logs: list[SyncLog]
    forms: Annotated[list[str], Meta(description="The forms in which push takes readings and pull gives them.")] = (
        field(default_factory=lambda: ["rows", "columns"])
    )
