"""Requests and answers of accounts."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from koodtx.names import PRINTABLE, PrintableName

Username = Annotated[
    PrintableName,
    Meta(
        description="Unique whatever its case and Unicode form. Letters of one script, digits and ASCII signs, but not"
        " `@`, which only e-mail addresses contain.",
        examples=["mina"],
    ),
]
Email = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=254,
        pattern=PRINTABLE,
        description="Unique whatever its case and Unicode form.",
        examples=["mina@example.org"],
    ),
]
Password = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1024,
        pattern=PRINTABLE,
        description="8 to 1,024 bytes of UTF-8. The same on every keyboard: in the profile OpaqueString of RFC 8265.",
        examples=["correct horse battery"],
    ),
]
DeviceId = Annotated[
    PrintableName,
    Meta(description="Chosen and kept by the client: one per installation.", examples=["pixel-8-6f2c"]),
]
RefreshToken = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=256,
        description="The newest refresh token of this login.",
        examples=["kJ0d7Zb1yqX3sV5uW8pRtN2mL4hG6fDcE9aQxKzYvBw"],
    ),
]
Timezone = Annotated[PrintableName, Meta(description="IANA name.", examples=["Asia/Seoul"])]
DisplayName = Annotated[
    str, Meta(max_length=200, pattern=PRINTABLE, description="As shown to others.", examples=["Mina Kim"])
]


class AuthRegister(Struct, kw_only=True):
    """A new account."""

    username: Username
    email: Email
    password: Password
    device_id: DeviceId = "default"


class AuthLogin(Struct, kw_only=True):
    """A login by `username` or `email`; `username` may also hold an e-mail address."""

    username: Annotated[str, Meta(min_length=1, max_length=254, pattern=PRINTABLE, examples=["mina"])] | None = None
    email: Email | None = None
    password: Password
    device_id: DeviceId = "default"


class AuthRefresh(Struct):
    """A refresh or a logout. The token may be in the header `Authorization: Bearer` instead."""

    refresh_token: RefreshToken | None = None


class PasswordChange(Struct):
    """A new password. Every other login of the account ends."""

    current: Password
    new: Password


class ProfileChange(Struct):
    """Absent fields stay unchanged; `"name": null` removes the name."""

    name: DisplayName | None | UnsetType = UNSET
    timezone: Timezone | UnsetType = UNSET


class User(Struct):
    """An account as its user sees it. `username` and `email` are null only for people who did not register."""

    id: Annotated[int, Meta(examples=[17])]
    username: Annotated[str, Meta(examples=["mina"])] | None
    email: Annotated[str, Meta(examples=["mina@example.org"])] | None
    name: Annotated[str, Meta(examples=["Mina Kim"])] | None
    role: Literal["user", "admin"]
    timezone: Annotated[str, Meta(description="IANA name.", examples=["Asia/Seoul"])]
    created_at: datetime


class AuthResponse(Struct, kw_only=True):
    """The user who logged in, and the tokens of this login."""

    access_token: Annotated[str, Meta(description="For `Authorization: Bearer`, valid for `expires_in` seconds.")]
    refresh_token: Annotated[
        str,
        Meta(
            description="For /api/auth/refresh, within 30 days. After a lost reply, send it again: it gets the same"
            " next token until that one is used. An older token ends this login."
        ),
    ]
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: Annotated[int, Meta(description="Lifetime of the access token in seconds.", examples=[900])]
    user: User


class Device(Struct):
    """A device that may sync."""

    device_id: Annotated[str, Meta(examples=["pixel-8-6f2c"])]
    is_current: Annotated[bool, Meta(description="Whether it is the device of this request.")]
    created_at: datetime
    last_push_at: datetime | None
    last_pull_at: datetime | None


class DeviceList(Struct):
    """The devices of an account, oldest first."""

    devices: list[Device]
