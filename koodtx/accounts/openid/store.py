"""The SQL calls of identities."""

from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from koodtx.accounts.openid.errors import IdentityTaken, LastLogin
from koodtx.accounts.openid.messages import Identity
from koodtx.database.query import Connection, fetch_all, fetch_one, fetch_value
from koodtx.errors import LimitReached, NotFound

MAX_IDENTITIES = 20


class Person(Struct, kw_only=True):
    """An identity, and the account to create if there is none yet. `email`: only if the issuer has verified it."""

    issuer: str
    subject: str
    email: str | None
    email_key: str | None
    username: str
    username_key: str
    name: str | None
    timezone: str


class Found(Struct):
    """The account of an identity; None if its e-mail address or user name is another account's."""

    outcome: Literal["known", "inactive", "created", "email_taken", "username_taken"]
    user_id: int | None


class _Linked(Struct):
    outcome: Literal["linked", "taken", "full"]
    identity_id: UUID | None


async def log_in_by_identity(connection: Connection, person: Person) -> Found:
    found = await fetch_one(
        connection,
        Found,
        """
        select * from app.log_in_by_identity(
            %(issuer)s, %(subject)s, %(email)s, %(email_key)s, %(username)s, %(username_key)s, %(name)s, %(timezone)s
        )
        """,
        msgspec.structs.asdict(person),
    )
    assert found is not None
    return found


async def link_identity(connection: Connection, user_id: int, issuer: str, subject: str, email: str | None) -> Identity:
    """Linking again does no harm. Raises IdentityTaken, LimitReached."""
    linked = await fetch_one(
        connection,
        _Linked,
        "select * from app.link_identity(%(user_id)s, %(issuer)s, %(subject)s, %(email)s, %(most)s)",
        {"user_id": user_id, "issuer": issuer, "subject": subject, "email": email, "most": MAX_IDENTITIES},
    )
    assert linked is not None
    if linked.outcome == "taken":
        raise IdentityTaken
    if linked.outcome == "full":
        raise LimitReached(f"you have linked {MAX_IDENTITIES} identities: remove one first")
    identities = await list_identities(connection, user_id)
    return next(identity for identity in identities if identity.identity_id == linked.identity_id)


async def list_identities(connection: Connection, user_id: int) -> list[Identity]:
    return await fetch_all(
        connection,
        Identity,
        """
        select identity_id, issuer, email, created_at, last_login_at
        from app.identities where user_id = %(user_id)s order by created_at, identity_id
        """,
        {"user_id": user_id},
    )


async def unlink_identity(connection: Connection, user_id: int, identity_id: UUID, kept_login_id: UUID) -> None:
    """Removes an identity and ends every other login. Raises NotFound, LastLogin."""
    outcome = await fetch_value(
        connection,
        "select app.unlink_identity(%(user_id)s, %(identity_id)s, %(kept_login_id)s)",
        {"user_id": user_id, "identity_id": identity_id, "kept_login_id": kept_login_id},
    )
    if outcome == "missing":
        raise NotFound
    if outcome == "last":
        raise LastLogin
