"""The caller of a request."""

from uuid import UUID

from msgspec import Struct


class Caller(Struct, frozen=True):
    """The user, role, device and login of a valid access token. `device_key`: internal number of the device."""

    user_id: int
    role: str
    device_key: int
    login_id: UUID

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"
