"""Register, log in, refresh, change the password: everything that issues or revokes tokens."""

import hashlib
from contextlib import suppress
from typing import Protocol

import structlog
from psycopg_pool import AsyncConnectionPool

from koodtx.accounts import store
from koodtx.accounts.caller import Caller
from koodtx.accounts.errors import WrongCredentials
from koodtx.accounts.messages import AuthLogin, AuthRegister, AuthResponse, PasswordChange
from koodtx.accounts.passwords import PasswordHasher
from koodtx.accounts.store import Credentials, Login, NewUser
from koodtx.accounts.tokens import (
    ACCESS_LIFETIME_S,
    REFRESH_LIFETIME,
    make_access_token,
    make_refresh_token,
    successors,
    token_hash,
)
from koodtx.accounts.validation import (
    checked_email,
    checked_login_name,
    checked_password,
    checked_username,
    password_forms,
)
from koodtx.database.query import Connection
from koodtx.errors import TokenInvalid, TooMany, invalid_field
from koodtx.names import folded
from koodtx.rate_limits import Limiter, address_key
from koodtx.settings import Settings

_log = structlog.get_logger("koodtx.accounts")

# An address from which somebody logged in is known for this time.
_KNOWN_FOR_S = 30 * 24 * 3600


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
        response = await start_login(services, connection, user_id, account.device_id)
    for name in (username, email):
        await know_address(services, folded(name), address)
    return response


async def log_in(services: Services, given: AuthLogin, address: str) -> AuthResponse:
    """Raises WrongCredentials, TooMany. An unknown account and a wrong password differ neither in error nor in time."""
    login_name = checked_login_name(given.username, given.email)
    await limit_guesses(services, folded(login_name), address)
    async with services.pool.connection() as connection:
        known = await store.find_credentials(connection, login_name)
    form = await _matching_form(services, known.password_hash if known else None, given.password)
    if known is None or form is None or not known.is_active:
        raise WrongCredentials
    await know_address(services, folded(login_name), address)
    if form != (prepared := password_forms(given.password)[0]):
        await _hash_again(services, known, prepared)
    async with services.pool.connection() as connection, connection.transaction():
        return await start_login(services, connection, known.id, given.device_id)


async def refresh(services: Services, token: str) -> AuthResponse:
    """Returns the next pair of tokens; a retry gets the same refresh token. Raises TokenInvalid."""
    next_tokens = successors(services.settings.signing_keys, token)
    async with services.pool.connection() as connection:
        rotation = await store.rotate_refresh_token(
            connection, token_hash(token), next(iter(next_tokens)), REFRESH_LIFETIME
        )
        if rotation.outcome == "reused":
            _log.warning("refresh token used twice, login revoked", user_id=rotation.user_id)
        # None also if the key that made the first reply's token is gone.
        next_token = next_tokens.get(rotation.successor_hash or b"")
        if rotation.login is None or next_token is None:
            raise TokenInvalid
        return await _answer(services, connection, rotation.login, next_token)


async def change_password(services: Services, caller: Caller, change: PasswordChange, address: str) -> None:
    """Changes the password and ends every other login of the user. Raises Invalid, TooMany."""
    new = checked_password(change.new, "new")
    await limit_guesses(services, f"password of {caller.user_id}", address)
    async with services.pool.connection() as connection:
        known = await store.get_credentials(connection, caller.user_id)
    if await _matching_form(services, known.password_hash, change.current) is None:
        # Not 401: clients answer that by refreshing their tokens and trying again.
        raise invalid_field("current", "is not the password")
    password_hash = await services.passwords.hash(new)
    async with services.pool.connection() as connection:
        await store.change_password(connection, caller.user_id, password_hash, caller.login_id)


async def start_login(services: Services, connection: Connection, user_id: int, device_id: str) -> AuthResponse:
    token = make_refresh_token()
    login = await store.start_login(connection, user_id, device_id, token_hash(token), REFRESH_LIFETIME)
    return await _answer(services, connection, login, token)


async def _answer(services: Services, connection: Connection, login: Login, refresh_token: str) -> AuthResponse:
    return AuthResponse(
        access_token=make_access_token(services.settings.signing_keys, login.user_id, login.device_key, login.login_id),
        refresh_token=refresh_token,
        expires_in=ACCESS_LIFETIME_S,
        user=await store.get_user(connection, login.user_id),
    )


async def _matching_form(services: Services, password_hash: str | None, password: str) -> str | None:
    """Returns the form of a password that has this hash; None if no form has it, or without a hash."""
    for form in password_forms(password):
        if await services.passwords.verify(password_hash, form):
            return form
    return None


async def _hash_again(services: Services, account: Credentials, password: str) -> None:
    """Stores the hash of a password in its form, so that it is right on every keyboard from now on."""
    # If too many passwords wait, at the next login.
    with suppress(TooMany):
        password_hash = await services.passwords.hash(password)
        async with services.pool.connection() as connection:
            await store.replace_password_hash(connection, account.id, str(account.password_hash), password_hash)


async def limit_guesses(services: Services, account: str, address: str) -> None:
    """Limits attempts by account and address, so that nobody else's keep its user out, and then by account alone.

    Addresses from which somebody logged in to the account are not counted against the second limit.
    """
    # Hashed, so that neither e-mail addresses nor addresses of users are stored in Redis.
    pair = _hashed(account, address_key(address))
    await services.limiter.hit(f"account-address:{pair}", services.settings.logins_per_minute)
    if not await services.limiter.remembers(pair):
        await services.limiter.hit(f"account:{_hashed(account)}", services.settings.logins_per_minute_account)


async def know_address(services: Services, account: str, address: str) -> None:
    await services.limiter.remember(_hashed(account, address_key(address)), _KNOWN_FOR_S)


def _hashed(*names: str) -> str:
    return hashlib.sha256("\0".join(names).encode()).hexdigest()
