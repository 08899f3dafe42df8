"""The room's SQL calls."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from koodtx.accounts.errors import Taken
from koodtx.accounts.messages import Device, User
from koodtx.database.query import Connection, execute, fetch_all, fetch_one, fetch_value
from koodtx.errors import FieldError, NotFound
from koodtx.names import folded


class NewUser(Struct, kw_only=True):
    """An account to create. `username`, `email`: None for people who have none, who cannot log in by password."""

    username: str | None
    email: str | None
    password_hash: str | None
    role: Literal["user", "admin"] = "user"
    timezone: str


class Credentials(Struct):
    """The hash that a password is checked against; None for an account without a password."""

    id: int
    password_hash: str | None
    is_active: bool


class Login(Struct):
    """A login of a user on a device. All its refresh tokens belong to it."""

    user_id: int
    device_key: int
    login_id: UUID


class Rotation(Struct):
    """The outcome of a refresh: rotated, retried, reused, revoked, expired, or unknown, which has no other fields.

    `successor_hash`: of the token that is next, if it was rotated or retried.
    """

    outcome: str
    user_id: int | None
    device_key: int | None
    login_id: UUID | None
    successor_hash: bytes | None

    @property
    def login(self) -> Login | None:
        """The login if it continues, else None."""
        if self.outcome not in ("rotated", "retried"):
            return None
        return msgspec.convert(self, Login, from_attributes=True)


class ActiveLogin(Struct, frozen=True):
    """The user, role and device of an active login."""

    user_id: int
    role: str
    device_key: int


async def create_user(connection: Connection, account: NewUser) -> int:
    """Creates an account and returns its id. Raises Taken, naming the field that another account has."""
    keys = {"username_key": _key(account.username), "email_key": _key(account.email)}
    user_id: int | None = await fetch_value(
        connection,
        """
        select app.create_user(
            %(username)s, %(email)s, %(password_hash)s, %(role)s, %(timezone)s, %(username_key)s, %(email_key)s
        )
        """,
        msgspec.structs.asdict(account) | keys,
    )
    if user_id is None:
        has_name = await fetch_value(
            connection,
            """
            select exists (
                select from app.users
                where username_key = %(username_key)s or lower(username) = lower(%(username)s)
            )
            """,
            keys | {"username": account.username},
        )
        field = "username" if has_name else "email"
        raise Taken(f"{field} is taken", errors=[FieldError(field, "is taken")])
    return user_id


async def find_credentials(connection: Connection, login_name: str) -> Credentials | None:
    """Finds an account by any spelling of its user name or e-mail address."""
    return await fetch_one(
        connection,
        Credentials,
        "select * from app.find_credentials(%(login_name)s, %(login_key)s)",
        {"login_name": login_name, "login_key": folded(login_name)},
    )


async def get_credentials(connection: Connection, user_id: int) -> Credentials:
    credentials = await fetch_one(
        connection,
        Credentials,
        "select id, password_hash, is_active from app.users where id = %(user_id)s",
        {"user_id": user_id},
    )
    if credentials is None:
        raise NotFound
    return credentials


async def replace_password_hash(connection: Connection, user_id: int, old: str, new: str) -> None:
    """Replaces the hash of a password by another hash of it, unless the password was changed meanwhile."""
    await execute(
        connection,
        "update app.users set password_hash = %(new)s where id = %(user_id)s and password_hash = %(old)s",
        {"user_id": user_id, "old": old, "new": new},
    )


async def start_login(
    connection: Connection, user_id: int, device_id: str, token_hash: bytes, lifetime: timedelta
) -> Login:
    login = await fetch_one(
        connection,
        Login,
        "select * from app.start_login(%(user_id)s, %(device_id)s, %(token_hash)s, %(lifetime)s)",
        {"user_id": user_id, "device_id": device_id, "token_hash": token_hash, "lifetime": lifetime},
    )
    assert login is not None
    return login


async def rotate_refresh_token(
    connection: Connection, token_hash: bytes, successor_hash: bytes, lifetime: timedelta
) -> Rotation:
    rotation = await fetch_one(
        connection,
        Rotation,
        "select * from app.rotate_refresh_token(%(token_hash)s, %(successor_hash)s, %(lifetime)s)",
        {"token_hash": token_hash, "successor_hash": successor_hash, "lifetime": lifetime},
    )
    assert rotation is not None
    return rotation


async def find_active_login(connection: Connection, login_id: UUID) -> ActiveLogin | None:
    """Returns None when the login, its device or its user was revoked."""
    return await fetch_one(
        connection, ActiveLogin, "select * from app.active_login(%(login_id)s)", {"login_id": login_id}
    )


async def revoke_login_of(connection: Connection, token_hash: bytes) -> None:
    """Ends the login that a refresh token belongs to, if any."""
    await execute(
        connection,
        """
        update app.logins set revoked_at = now() where revoked_at is null
        and id = (select login_id from app.refresh_tokens where token_hash = %(token_hash)s)
        """,
        {"token_hash": token_hash},
    )


async def change_password(connection: Connection, user_id: int, password_hash: str, kept_login_id: UUID) -> None:
    """Sets the password and ends every other login."""
    changed = {"user_id": user_id, "password_hash": password_hash, "kept_login_id": kept_login_id}
    async with connection.transaction():
        await execute(
            connection, "update app.users set password_hash = %(password_hash)s where id = %(user_id)s", changed
        )
        await execute(
            connection,
            """
            update app.logins set revoked_at = now()
            where user_id = %(user_id)s and id <> %(kept_login_id)s and revoked_at is null
            """,
            changed,
        )


async def get_user(connection: Connection, user_id: int) -> User:
    user = await fetch_one(
        connection,
        User,
        "select id, username, email, name, role, timezone, created_at from app.users where id = %(user_id)s",
        {"user_id": user_id},
    )
    if user is None:
        raise NotFound
    return user


async def update_user(
    connection: Connection, user_id: int, *, has_name: bool, name: str | None, timezone: str | None
) -> User:
    """Sets the name if `has_name`, and the time zone unless it is None."""
    user = await fetch_one(
        connection,
        User,
        """
        update app.users set
            name = case when %(has_name)s then %(name)s else name end,
            timezone = coalesce(%(timezone)s, timezone)
        where id = %(user_id)s
        returning id, username, email, name, role, timezone, created_at
        """,
        {"user_id": user_id, "has_name": has_name, "name": name, "timezone": timezone},
    )
    if user is None:
        raise NotFound
    return user


async def list_devices(connection: Connection, user_id: int, current: int) -> list[Device]:
    return await fetch_all(
        connection,
        Device,
        """
        select device_id, id = %(current)s as is_current, created_at, last_push_at, last_pull_at
        from app.devices where user_id = %(user_id)s and revoked_at is null order by id
        """,
        {"user_id": user_id, "current": current},
    )


async def revoke_device(connection: Connection, user_id: int, device_id: str) -> None:
    """Revokes a device and its logins. Raises NotFound when the user has no such device."""
    async with connection.transaction():
        revoked = await fetch_value(
            connection,
            """
            update app.devices set revoked_at = now()
            where user_id = %(user_id)s and device_id = %(device_id)s and revoked_at is null returning id
            """,
            {"user_id": user_id, "device_id": device_id},
        )
        if revoked is None:
            raise NotFound
        await execute(
            connection,
            """
            update app.logins set revoked_at = now()
            where user_id = %(user_id)s and device_key = %(revoked)s and revoked_at is null
            """,
            {"user_id": user_id, "revoked": revoked},
        )


def _key(name: str | None) -> str | None:
    return None if name is None else folded(name)
