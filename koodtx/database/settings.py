"""Settings of the database."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from koodtx.setting_types import Count, Positive


class DatabaseSettings(Struct, frozen=True, kw_only=True):
    database_url: Annotated[
        str, Meta(description="Database of the service; the login must be `koodtx_app` or a member of it.")
    ]
    migration_database_url: Annotated[
        str, Meta(description="The same database as its owner, for `koodtx migrate`. Empty: `KOODTX_DATABASE_URL`.")
    ] = ""
    timescaledb: Annotated[
        Literal["auto", "off"],
        Meta(description="`off` creates plain tables even if the TimescaleDB extension is installed."),
    ] = "auto"
    pool_min: Annotated[Count, Meta(description="Minimum number of database connections per API process.")] = 2
    pool_max: Annotated[Positive, Meta(description="Maximum number of database connections per API process.")] = 10
    pool_max_lifetime_s: Annotated[
        Positive, Meta(description="Age in seconds at which a database connection is replaced.")
    ] = 3600
    pool_timeout_s: Annotated[
        Positive, Meta(description="Seconds to wait for a free database connection before answering 503.")
    ] = 10
    chunk_days: Annotated[
        Positive, Meta(description="Days per chunk of sensor data; used only when the hypertable is created.")
    ] = 7
