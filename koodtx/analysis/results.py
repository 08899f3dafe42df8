"""What each kind of job finds: the JSON documents of the functions in sql/analysis, which pass through as they are.

Lengths are in metres, times in seconds unless the name says otherwise, values of sensors in the unit the phone sent.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Mode = Annotated[
    Literal["global", "robust", "rolling"],
    Meta(description="z-score by mean and sd, by median and MAD, or by a moving window."),
]
Sensitivity = Annotated[float, Meta(ge=1e-6, le=1000, description="An anomaly lies more than this many sd off.")]
Window = Annotated[float, Meta(ge=1e-3, le=86_400, description="Width of the moving window, seconds.")]
Accuracy = Annotated[float, Meta(gt=0, le=100_000, description="Fixes less accurate, in metres, are left out.")]
# With a time zone: then the document says that it is a time.
Time = Annotated[datetime, Meta(tz=True)]
Hz = Annotated[float, Meta(ge=0, description="Readings per second.")]
Share = Annotated[float, Meta(ge=0)]
Milliseconds = Annotated[float, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0)]
Metres = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]
Ratio = Annotated[float, Meta(ge=0, le=1, description="Anomalies by values.")]
PhonesId = Annotated[str, Meta(description="As the client calls it.", examples=["walk"])]
Archived = (
    Annotated[
        int,
        Meta(ge=1, description="Readings of which only rollups and distances are left; see archived_axes."),
    ]
    | UnsetType
)
Std = Annotated[float | None, Meta(description="Sample deviation (n - 1); null for a single value.")]


class AxisMetrics(Struct):
    """All values of one axis, in the unit the phone sent."""

    count: Annotated[int, Meta(ge=1, description="Values; a reading need not have one on every axis.")]
    mean: float
    std: Std
    min: float
    max: float
    peak_to_peak: Annotated[float, Meta(description="max - min")]


ByName = "By name of the sensor."
ArchivedAxes = (
    Annotated[
        dict[str, dict[str, AxisMetrics]],
        Meta(description="By name of the sensor and axis: what the archived readings measured, from their rollups."),
    ]
    | UnsetType
)


class SamplingQuality(Struct):
    """How much of the session a sensor recorded, and how evenly. A sensor that never came has times that are null."""

    first_at: Time | None
    last_at: Time | None
    achieved_hz: Annotated[Hz | None, Meta(description="Readings per second between first_at and last_at.")]
    expected_hz: Annotated[
        Hz | None, Meta(description="Null: neither requested nor to be seen, as of what reports changes.")
    ]
    expected_from: Annotated[
        Literal["sample_rate", "median_interval"] | None,
        Meta(description="The sample_rate of the session, or for a sensor on a rate of its own 1 / median interval."),
    ]
    expected_count: Annotated[
        Count | None, Meta(description="Readings at that rate from the session's start to its end; null without one.")
    ]
    coverage: Annotated[
        Share | None,
        Meta(description="(count - outside_count) / expected_count, 1 = all; null without a rate; 0 if it never came."),
    ]
    gap_count: Annotated[
        Count, Meta(description="Pauses of more than 3 expected intervals, at the session's start and end too.")
    ]
    max_gap_s: Annotated[Seconds | None, Meta(description="The longest gap or interval between two readings.")]
    jitter_ms: Annotated[
        Milliseconds | None,
        Meta(description="Sample deviation of the intervals that are not gaps; null: fewer than two of them."),
    ]
    outside_count: Annotated[Count, Meta(description="Readings before the session's start or after its end.")]
    numbers_as_text: Annotated[
        Count, Meta(description='Values that were sent as text, such as "0.12": they are in no statistic.')
    ]


class SensorMetrics(Struct):
    """One sensor of a session: one that recorded, or that the app declared in `enabled_sensors`."""

    count: Annotated[int, Meta(ge=0, description="Readings; 0: it was declared and never came.")]
    axes: Annotated[
        dict[str, AxisMetrics],
        Meta(description="x, y, z, magnitude, pressure, speed, ...; any numeric key the phone sent, except those that"
             " turn over (latitude, longitude, bearing)."),
    ]  # fmt: skip
    quality: SamplingQuality


class TrackDistance(Struct):
    """Metres along the fixes of the sensor with most of them, archived ones included. Null: not known; 0: at rest.

    Invalid coordinates (accuracy below 0), and those that could only be reached faster than 100 m/s, do not count.
    """

    sensor: str
    raw_m: Annotated[Metres | None, Meta(description="Along all fixes, however inaccurate and far apart.")]
    gated_m: Annotated[
        Metres | None,
        Meta(description="Between fixes accurate to accuracy_max_m, without legs that last longer than 60 s and than"
             " three median intervals."),
    ]  # fmt: skip
    moving_m: Annotated[
        Metres | None, Meta(description="gated_m without the legs within a stay: 50 m for 300 s or longer.")
    ]
    unjoined_s: Annotated[Seconds | None, Meta(description="Seconds of the legs that gated_m leaves out as too long.")]
    accuracy_max_m: Metres
    fixes: Count
    fixes_used: Annotated[
        Count | None,
        Meta(description="Those that gated_m joins; unknown accuracy counts as used. Null, as all but raw_m: some are"
             " archived, and accuracy_max_m is not 20."),
    ]  # fmt: skip


class AnomalyCount(Struct):
    """Of a sensor's first channel: its magnitude, or the first of its values."""

    count: Annotated[Count, Meta(description="Anomalies.")]
    ratio: Ratio


class SessionAnalysis(Struct):
    """Result of `analyze_sensor_data`: metrics, quality, distance and anomalies of a session."""

    session_id: PhonesId
    duration_s: Annotated[
        Seconds | None,
        Meta(description="From the start to the end, or to the last reading; null: not over and without readings."),
    ]
    record_count: Annotated[Count, Meta(description="Readings.")]
    complete_as_of: Annotated[Time | None, Meta(description="The last change of the session that is in here.")]
    sensitivity: float
    sensors: Annotated[dict[str, SensorMetrics], Meta(description=ByName)]
    distance: Annotated[TrackDistance | None, Meta(description="Null: no sensor has fixes.")]
    anomalies: Annotated[dict[str, AnomalyCount], Meta(description=ByName)]
    archived_count: Archived = UNSET
    archived_at: Time | UnsetType = UNSET
    archived_axes: ArchivedAxes = UNSET


class ChannelAnomalies(Struct):
    """The readings of one channel that lie far off."""

    count: Annotated[int, Meta(ge=1, description="Values.")]
    mean: Annotated[float, Meta(description="Of the whole channel, in every mode.")]
    std: Std
    anomalies: Annotated[Count, Meta(description="Values whose abs(z) > sensitivity; none where nothing varies.")]
    ratio: Ratio
    timestamps: Annotated[list[Time], Meta(max_length=1000, description="When: the first 1,000, by time.")]


class SensorAnomalies(ChannelAnomalies):
    """The numbers of the sensor's first channel, and all its channels."""

    channel: Annotated[str, Meta(description="The first: magnitude, or the first of its values.")]
    channels: Annotated[dict[str, ChannelAnomalies], Meta(description="By name of the axis.")]


class AnomalyReport(Struct):
    """Result of `detect_anomalies`."""

    session_id: PhonesId
    sensitivity: float
    mode: Mode
    window_s: Annotated[Seconds | None, Meta(description="Width of the moving window; null: mode is not rolling.")]
    sensors: Annotated[dict[str, SensorAnomalies], Meta(description=ByName)]
    archived_count: Archived = UNSET
    archived_at: Time | UnsetType = UNSET


class SessionMetrics(Struct):
    """Result of `calculate_session_metrics`."""

    session_id: PhonesId
    record_count: Annotated[Count, Meta(description="Readings.")]
    sensors: Annotated[dict[str, SensorMetrics], Meta(description=ByName)]
    archived_count: Archived = UNSET
    archived_at: Time | UnsetType = UNSET
    archived_axes: ArchivedAxes = UNSET
