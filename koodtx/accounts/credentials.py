"""Register, log in, refresh, change the password: everything that issues or revokes tokens."""

import hashlib
from typing import Protocol

import structlog
from psycopg_pool import AsyncConnectionPool

from koodtx.accounts import store
from koodtx.accounts.caller import Caller
from koodtx.accounts.errors import WrongCredentials
from koodtx.accounts.messages import AuthLogin, AuthRegister, AuthResponse, PasswordChange
from koodtx.accounts.passwords import PasswordHasher
from koodtx.accounts.store import Login, NewUser
from koodtx.accounts.tokens import (
    ACCESS_LIFETIME_S,
    REFRESH_LIFETIME,
    make_access_token,
    make_refresh_token,
    successor,
    token_hash,
)
from koodtx.accounts.validation import checked_email, checked_login_name, checked_password, checked_username
from koodtx.database.query import Connection
from koodtx.errors import TokenInvalid, invalid_field
from koodtx.rate_limits import Limiter
from koodtx.settings import Settings

_log = structlog.get_logger("koodtx.accounts")


class Services(Protocol):
    """What this module uses of the application's services."""

    settings: Settings
    pool: AsyncConnectionPool
    limiter: Limiter
    passwords: PasswordHasher


async def register(services: Services, account: AuthRegister, address: str) -> AuthResponse:
    """Creates an account and logs in. Raises Taken, Invalid, TooMany."""
    username, email = checked_username(account.username), checked_email(account.email)
    password = checked_password(account.password)
    new_user = NewUser(
        username=username,
        email=email,
        password_hash=await services.passwords.hash(password),
        timezone=services.settings.timezone,
    )
    async with services.pool.connection() as connection, connection.transaction():
        user_id = await store.create_user(connection, new_user)
        return await _start_login(services, connection, user_id, account.device_id)


async def log_in(services: Services, given: AuthLogin, address: str) -> AuthResponse:
    """Raises WrongCredentials, TooMany. An unknown account and a wrong password differ neither in error nor in time."""
    login_name = checked_login_name(given.username, given.email)
    # Hashed, so that no e-mail address is stored in Redis.
    account = hashlib.sha256(login_name.lower().encode()).hexdigest()
    await services.limiter.hit(f"account:{account}", services.settings.logins_per_minute)
    async with services.pool.connection() as connection:
        known = await store.find_credentials(connection, login_name)
    is_right = await services.passwords.verify(known.password_hash if known else None, given.password)
    if known is None or not is_right or not known.is_active:
        raise WrongCredentials
    async with services.pool.connection() as connection, connection.transaction():
        return await _start_login(services, connection, known.id, given.device_id)


async def refresh(services: Services, token: str) -> AuthResponse:
    """Returns the next pair of tokens; a retry within 30 s gets the same pair. Raises TokenInvalid."""
    next_token = successor(services.settings.secret_key, token)
    async with services.pool.connection() as connection:
        rotation = await store.rotate_refresh_token(
            connection, token_hash(token), token_hash(next_token), REFRESH_LIFETIME
        )
        if rotation.outcome == "reused":
            _log.warning("refresh token used twice, login revoked", user_id=rotation.user_id)
        if rotation.login is None:
            raise TokenInvalid
        return await _answer(services, connection, rotation.login, next_token)


async def change_password(services: Services, caller: Caller, change: PasswordChange) -> None:
    """Changes the password and ends every other login of the user. Raises Invalid, TooMany."""
    new = checked_password(change.new, "new")
    await services.limiter.hit(f"password:{caller.user_id}", services.settings.logins_per_minute)
    async with services.pool.connection() as connection:
        known = await store.get_credentials(connection, caller.user_id)
    if not await services.passwords.verify(known.password_hash, change.current):
        # Not 401: clients answer that by refreshing their tokens and trying again.
        raise invalid_field("current", "is not the password")
    password_hash = await services.passwords.hash(new)
    async with services.pool.connection() as connection:
        await store.change_password(connection, caller.user_id, password_hash, caller.login_id)


async def _start_login(services: Services, connection: Connection, user_id: int, device_id: str) -> AuthResponse:
    token = make_refresh_token()
    login = await store.start_login(connection, user_id, device_id, token_hash(token), REFRESH_LIFETIME)
    return await _answer(services, connection, login, token)


async def _answer(services: Services, connection: Connection, login: Login, refresh_token: str) -> AuthResponse:
    return AuthResponse(
        access_token=make_access_token(services.settings.secret_key, login.user_id, login.device_key, login.login_id),
        refresh_token=refresh_token,
        expires_in=ACCESS_LIFETIME_S,
        user=await store.get_user(connection, login.user_id),
    )
