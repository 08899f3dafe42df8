"""What accounts take and answer."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

# PostgreSQL stores no NUL, and no name needs the other control characters.
PRINTABLE = r"^(?![\s\S]*[\x00-\x1f\x7f-\x9f])"

Username = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=PRINTABLE,
        description="Unique whatever its case. Any letters, but no `@`: that tells names from e-mails.",
        examples=["mina"],
    ),
]
Email = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=254,
        pattern=PRINTABLE,
        description="Unique whatever its case.",
        examples=["mina@example.org"],
    ),
]
Password = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1024,
        pattern=PRINTABLE,
        description="8 to 1,024 bytes of UTF-8.",
        examples=["correct horse battery"],
    ),
]
DeviceId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=PRINTABLE,
        description="Made by the client and kept by it: one for each installation.",
        examples=["pixel-8-6f2c"],
    ),
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
Timezone = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=PRINTABLE, description="IANA name.", examples=["Asia/Seoul"])
]
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
    """A login by `username` or `email`; an e-mail is also understood as `username`."""

    username: Annotated[str, Meta(min_length=1, max_length=254, pattern=PRINTABLE, examples=["mina"])] | None = None
    email: Email | None = None
    password: Password
    device_id: DeviceId = "default"


class AuthRefresh(Struct):
    """A refresh or a log-out."""

    refresh_token: RefreshToken


class PasswordChange(Struct):
    """A new password. Every other login of the account ends."""

    current: Password
    new: Password


class ProfileChange(Struct):
    """Fields left out stay as they are; `"name": null` takes the name away."""

    name: DisplayName | None | UnsetType = UNSET
    timezone: Timezone | UnsetType = UNSET


class User(Struct):
    """An account, as its owner sees it."""

    id: Annotated[int, Meta(examples=[17])]
    username: Annotated[str, Meta(examples=["mina"])]
    email: Annotated[str, Meta(examples=["mina@example.org"])]
    name: Annotated[str, Meta(examples=["Mina Kim"])] | None
    role: Annotated[str, Meta(description="`user` or `admin`.", examples=["user"])]
    timezone: Annotated[str, Meta(description="IANA name.", examples=["Asia/Seoul"])]
    created_at: datetime


class AuthResponse(Struct, kw_only=True):
    """Who logged in, and the tokens to call with."""

    access_token: Annotated[str, Meta(description="For `Authorization: Bearer`, valid for `expires_in` seconds.")]
    refresh_token: Annotated[
        str,
        Meta(
            description="For /api/auth/refresh, valid for 30 days, once. After a lost reply it may be sent again"
            " within 30 s, and gets the same successor. Used again later, it ends this login."
        ),
    ]
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: Annotated[int, Meta(description="Seconds the access token lives.", examples=[900])]
    user: User


class Device(Struct):
    """A device that may sync."""

    device_id: Annotated[str, Meta(examples=["pixel-8-6f2c"])]
    is_current: Annotated[bool, Meta(description="Whether it is the one that asks.")]
    created_at: datetime
    last_push_at: datetime | None
    last_pull_at: datetime | None


class DeviceList(Struct):
    """The devices of an account, oldest first."""

    devices: list[Device]
