"""Settings of jobs and workers."""

from typing import Annotated

from msgspec import Meta, Struct

from koodtx.errors import SettingsError
from koodtx.setting_types import Count, split

_LANES = ("interactive", "batch")


class JobSettings(Struct, frozen=True, kw_only=True):
    max_user_jobs: Annotated[
        Count, Meta(description="Waiting jobs per user, and as many for a later time; then 429. 0: no limit.")
    ] = 200
    worker_lanes: Annotated[
        str, Meta(description="Lanes that a worker serves, in this order, separated by commas.")
    ] = "interactive,batch"

    @property
    def worker_lane_list(self) -> list[str]:
        return split(self.worker_lanes)


def check_lanes(lanes: list[str]) -> None:
    """Raises SettingsError."""
    unknown = [lane for lane in lanes if lane not in _LANES]
    if unknown or not lanes:
        raise SettingsError(f"KOODTX_WORKER_LANES must name some of {', '.join(_LANES)}, got {unknown or 'none'}")
