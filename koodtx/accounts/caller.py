"""Who calls: what a valid access token says."""

from uuid import UUID

from msgspec import Struct


class Caller(Struct, frozen=True):
    """`device_key` is the internal number of the device; `login_id` the login the token came of."""

    user_id: int
    role: str
    device_key: int
    login_id: UUID
