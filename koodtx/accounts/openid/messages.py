"""Requests and answers of logins with ID tokens."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from koodtx.accounts.messages import DeviceId, Timezone
from koodtx.names import PRINTABLE

IdToken = Annotated[
    str, Meta(min_length=1, description="The ID token that the app got from the issuer, at most 16,384 characters.")
]
Nonce = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=256,
        pattern=PRINTABLE,
        description="The nonce that the app sent to the issuer, if it sent one; the token must have the same.",
    ),
]


class OpenidLogin(Struct, kw_only=True):
    """A login with an ID token. `timezone` is that of a new account; of others it stays as it is."""

    id_token: IdToken
    nonce: Nonce | None = None
    device_id: DeviceId = "default"
    timezone: Timezone | None = None


class NewIdentity(Struct):
    """An identity to log in with from now on."""

    id_token: IdToken
    nonce: Nonce | None = None


class Identity(Struct):
    """Who the user is at an issuer."""

    identity_id: UUID
    issuer: Annotated[str, Meta(examples=["https://accounts.google.com"])]
    email: Annotated[
        str | None,
        Meta(description="As the issuer last verified it; only shown.", examples=["mina@example.org"]),
    ]
    created_at: datetime
    last_login_at: datetime | None


class IdentityList(Struct):
    """The identities of an account, oldest first, and whether it has a password as well."""

    identities: list[Identity]
    has_password: bool
