"""What the kinds about the caller find, as results.py has it of those about a session."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from koodtx.analysis.results import Count, Metres, Seconds, Share

First = Annotated[date, Meta(description="Inclusive.")]
Last = Annotated[date, Meta(description="Inclusive.")]
Zone = Annotated[str, Meta(description="Of the caller when it was computed: it has these days.")]
Minutes = Annotated[float, Meta(ge=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Hour = Annotated[int, Meta(ge=0, le=23)]
HourOfDay = Annotated[float, Meta(ge=0, le=24)]
Begin = Annotated[Hour | None, Meta(description="Local hour at which these hours begin.")]


class UserStatistics(Struct):
    """Result of `generate_statistics`: what the caller recorded between two dates, of each session that part."""

    start_date: First
    end_date: Last
    timezone: Zone
    total_sessions: Annotated[
        Count, Meta(description="Sessions that overlap the period; one over midnight counts on both days.")
    ]
    total_records: Annotated[Count, Meta(description="Readings.")]
    total_duration_s: Seconds
    mean_duration_s: Annotated[Seconds | None, Meta(description="Null: no session has a duration.")]
    distance_m: Annotated[Metres | None, Meta(description="Sum of the sessions' gated_m; null: known of none.")]
    raw_distance_m: Annotated[Metres | None, Meta(description="Sum of their raw_m.")]
    moving_distance_m: Annotated[Metres | None, Meta(description="Sum of their moving_m.")]
    unjoined_s: Annotated[Seconds | None, Meta(description="Sum of their unjoined_s.")]
    accuracy_max_m: Metres
    sensor_usage: Annotated[dict[str, Count], Meta(description="In how many of the sessions each sensor recorded.")]


class Position(Struct):
    """Degrees (WGS 84)."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class DayMobility(Struct):
    """How the caller moved on a day. Null: not known, for lack of fixes or stays, or as readings were archived."""

    day: date
    distance_m: Annotated[Metres | None, Meta(description="As in UserStatistics.")]
    moving_m: Annotated[Metres | None, Meta(description="Without the legs within a stay: 50 m for 300 s or longer.")]
    unjoined_s: Annotated[Seconds | None, Meta(description="Seconds of legs that are left out as too long.")]
    fixes: Count | None
    recorded_s: Annotated[
        Seconds | None, Meta(description="Each fix records the time to the next one, at most 120 s; cut at midnight.")
    ]
    missing: Annotated[Share | None, Meta(description="Share of the day that was not recorded.")]
    radius_of_gyration_m: Annotated[
        Metres | None, Meta(description="Square root of the mean squared distance of the fixes from their centre.")
    ]
    home_s: Annotated[Seconds | None, Meta(description="Time of stays at home.")]
    farthest_m: Annotated[Metres | None, Meta(description="Largest distance of a fix from home.")]
    stay_s: Annotated[Seconds | None, Meta(description="Time of all stays.")]
    places: Annotated[Count | None, Meta(description="Places with stays; stays within 200 m are at one place.")]
    entropy: Annotated[NotNegative | None, Meta(description="-sum(p ln p) of the places' shares p of stay_s.")]


class UserMobility(Struct):
    """Result of `mobility`: how the caller moved on each day between two dates."""

    start_date: First
    end_date: Last
    timezone: Zone
    accuracy_max_m: Metres
    home: Annotated[
        Position | None, Meta(description="The place with most stay time from 0 to 6 h on all days; null: not known.")
    ]
    days: Annotated[list[DayMobility], Meta(description="One per day, also those without fixes.")]


class DayActivity(Struct):
    """What an accelerometer measured on a day. mg: thousandths of the acceleration of gravity."""

    day: date
    sessions: Annotated[Count, Meta(description="Sessions that count.")]
    readings: Count
    minutes: Annotated[Count, Meta(description="Minutes with readings.")]
    worn_minutes: Annotated[Count, Meta(description="Minutes outside of every non-wear window of an hour.")]
    enmo_mg: Annotated[float | None, Meta(description="Euclidean norm minus one, over readings.")]
    mad_mg: Annotated[float | None, Meta(description="Mean amplitude deviation, over epochs of 5 s.")]
    enmo_moderate_minutes: Annotated[Minutes | None, Meta(description="ENMO of 100.6 mg or more.")]
    enmo_vigorous_minutes: Annotated[Minutes | None, Meta(description="ENMO of 428.8 mg or more.")]
    mad_moderate_minutes: Annotated[Minutes | None, Meta(description="MAD of 91 mg or more.")]
    mad_vigorous_minutes: Annotated[Minutes | None, Meta(description="MAD of 414 mg or more.")]
    steps: Annotated[Count | None, Meta(description="Null: not known, e.g. with fewer than ten readings per second.")]


class UserActivity(Struct):
    """Result of `activity`: minutes of activity and steps of the caller on each day between two dates."""

    start_date: First
    end_date: Last
    timezone: Zone
    sensor: Annotated[str, Meta(description="As it was asked for.")]
    days: Annotated[list[DayActivity], Meta(description="One per day with readings of the sensor.")]


class UserRhythm(Struct):
    """Result of `rhythm`: the daily rhythm of an axis of a sensor, from the means of its hours; null: not known."""

    start_date: First
    end_date: Last
    timezone: Zone
    sensor: Annotated[str, Meta(description="As it was asked for.")]
    axis: Annotated[str, Meta(description="As it was asked for.")]
    hours: Annotated[Count, Meta(description="Hours with a value; 0: all else is null.")]
    interdaily_stability: Annotated[float | None, Meta(description="IS: 1 if all days are alike.")]
    intradaily_variability: Annotated[float | None, Meta(description="IV: of one hour to the next.")]
    l5: Annotated[float | None, Meta(description="The smallest mean of 5 consecutive hours of the mean day.")]
    l5_from: Begin
    m10: Annotated[float | None, Meta(description="The largest mean of 10 consecutive hours of the mean day.")]
    m10_from: Begin
    relative_amplitude: Annotated[float | None, Meta(description="RA = (M10 - L5) / (M10 + L5).")]
    mesor: Annotated[float | None, Meta(description="Mean of the fitted cosine.")]
    amplitude: Annotated[NotNegative | None, Meta(description="Of the fitted cosine.")]
    peak_h: Annotated[HourOfDay | None, Meta(description="Local hour at which the fitted cosine peaks.")]
