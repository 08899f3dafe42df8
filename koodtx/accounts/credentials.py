"""Register, log in, refresh, change the password: what ends in tokens, or ends them."""

import hashlib

import structlog
from litestar.datastructures import State

from koodtx.accounts import store
from koodtx.accounts.caller import Caller
from koodtx.accounts.errors import WrongCredentials
from koodtx.accounts.messages import AuthLogin, AuthRegister, AuthResponse, PasswordChange
from koodtx.accounts.store import Login
from koodtx.accounts.tokens import (
    ACCESS_LIFETIME_S,
    REFRESH_LIFETIME,
    make_access_token,
    make_refresh_token,
    successor,
    token_hash,
)
from koodtx.accounts.validation import checked_email, checked_login_name, checked_password, checked_username, refuse
from koodtx.database.query import Connection
from koodtx.errors import TokenInvalid
from koodtx.web.forwarded import limit_key

_log = structlog.get_logger("koodtx.accounts")


async def register(state: State, account: AuthRegister, address: str) -> AuthResponse:
    """A new account, logged in. Raises Taken, Invalid, TooMany."""
    username = checked_username(account.username)
    email = checked_email(account.email)
    password = checked_password(account.password)
    await _limit_address(state, address)
    password_hash = await state.passwords.hash(password)
    async with state.pool.connection() as connection, connection.transaction():
        user_id = await store.create_user(connection, username, email, password_hash, state.settings.timezone)
        return await _start_login(state, connection, user_id, account.device_id)


async def log_in(state: State, given: AuthLogin, address: str) -> AuthResponse:
    """Raises WrongCredentials, the same and as late for an unknown account as for a wrong password; TooMany."""
    login_name = checked_login_name(given.username, given.email)
    await _limit_address(state, address)
    # A hash, so that Redis holds nobody's e-mail.
    account = hashlib.sha256(login_name.lower().encode()).hexdigest()
    await state.limiter.hit(f"account:{account}", state.settings.logins_per_minute)
    async with state.pool.connection() as connection:
        known = await store.find_credentials(connection, login_name)
    is_right = await state.passwords.verify(known.password_hash if known else None, given.password)
    if known is None or not is_right or not known.is_active:
        raise WrongCredentials
    async with state.pool.connection() as connection, connection.transaction():
        return await _start_login(state, connection, known.id, given.device_id)


async def refresh(state: State, token: str) -> AuthResponse:
    """The next pair of tokens; the same again to a retry within 30 s. Raises TokenInvalid."""
    next_token = successor(state.settings.secret_key, token)
    async with state.pool.connection() as connection:
        rotation = await store.rotate_refresh_token(
            connection, token_hash(token), token_hash(next_token), REFRESH_LIFETIME
        )
        if rotation.outcome == "reused":
            _log.warning("a refresh token was used twice: its login ends", user_id=rotation.user_id)
        if rotation.login is None:
            raise TokenInvalid
        return await _answer(state, connection, rotation.login, next_token)


async def change_password(state: State, caller: Caller, change: PasswordChange) -> None:
    """Ends every login but the caller's. Raises Invalid, TooMany."""
    new = checked_password(change.new, "new")
    await state.limiter.hit(f"password:{caller.user_id}", state.settings.logins_per_minute)
    async with state.pool.connection() as connection:
        known = await store.get_credentials(connection, caller.user_id)
    if not await state.passwords.verify(known.password_hash, change.current):
        # Not 401, at which clients refresh their tokens and try again.
        refuse("current", "is not the password")
    password_hash = await state.passwords.hash(new)
    async with state.pool.connection() as connection:
        await store.change_password(connection, caller.user_id, password_hash, caller.login_id)


async def _start_login(state: State, connection: Connection, user_id: int, device_id: str) -> AuthResponse:
    token = make_refresh_token()
    login = await store.start_login(connection, user_id, device_id, token_hash(token), REFRESH_LIFETIME)
    return await _answer(state, connection, login, token)


async def _answer(state: State, connection: Connection, login: Login, refresh_token: str) -> AuthResponse:
    return AuthResponse(
        access_token=make_access_token(state.settings.secret_key, login.user_id, login.device_key, login.login_id),
        refresh_token=refresh_token,
        expires_in=ACCESS_LIFETIME_S,
        user=await store.get_user(connection, login.user_id),
    )


async def _limit_address(state: State, address: str) -> None:
    await state.limiter.hit(f"address:{limit_key(address)}", state.settings.logins_per_minute_address)
