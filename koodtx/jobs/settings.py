"""Settings of jobs and workers."""

from typing import Annotated

from msgspec import Meta, Struct

from koodtx.setting_types import Count


class JobSettings(Struct, frozen=True, kw_only=True):
    max_user_jobs: Annotated[Count, Meta(description="Waiting analysis jobs per user; then 429. 0: no limit.")] = 200
