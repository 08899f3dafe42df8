"""Limits of push and pull."""

from typing import Annotated

from msgspec import Meta, Struct

from koodtx.setting_types import Count, Positive


class SyncSettings(Struct, frozen=True, kw_only=True):
    max_age_days: Annotated[
        Positive, Meta(description="Maximum age of a reading in days; older ones are rejected as `out_of_range`.")
    ] = 5479
    max_push_readings: Annotated[Positive, Meta(description="Maximum number of readings per push; else 413.")] = 50_000
    pushes_per_minute: Annotated[Count, Meta(description="Pushes per minute and device; then 429. 0: no limit.")] = 60
    max_user_pulls: Annotated[
        Count, Meta(description="Pulls at the same time per user and API process; then 429. 0: no limit.")
    ] = 4
    max_user_readings: Annotated[
        Count, Meta(description="Stored readings per user; then pushes get 429. 0: no limit.")
    ] = 0
    max_push_sensors: Annotated[
        Positive,
        Meta(description="Maximum number of sensors per push; readings of more are rejected as `too_many_types`."),
    ] = 64
    max_user_sensors: Annotated[
        Positive,
        Meta(
            description="How many names of sensors the sessions of a user may use; readings under more are rejected as"
            " `too_many_types`. Names that only deleted sessions used do not count."
        ),
    ] = 256
