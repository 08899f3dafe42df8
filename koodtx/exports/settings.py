"""Limits of downloads."""

from typing import Annotated

from msgspec import Meta, Struct

from koodtx.setting_types import Count, Positive


class ExportSettings(Struct, frozen=True, kw_only=True):
    download_max_readings: Annotated[
        Count,
        Meta(description="Readings of a session that can be downloaded at once; more: 413, for a job. 0: no limit."),
    ] = 10_000_000
    download_max_s: Annotated[
        Positive, Meta(description="Seconds after which a download ends; the client can resume it.")
    ] = 3600
    max_downloads: Annotated[
        Positive,
        Meta(
            description="Downloads at the same time per API process; then 429. Never more than half of"
            " `KOODTX_POOL_MAX`, because each holds a database connection."
        ),
    ] = 4
    max_user_downloads: Annotated[
        Count, Meta(description="Downloads at the same time per user and API process; then 429. 0: no limit.")
    ] = 2
