"""Who calls: what a valid access token says."""

from uuid import UUID

from msgspec import Struct


class Caller(Struct, frozen=True):
    """`device_id` is the internal number of the device; `family_id` the log-in the token came of."""

    user_id: int
    role: str
    device_id: int
    family_id: UUID
