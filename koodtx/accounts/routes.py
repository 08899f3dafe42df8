"""/api/auth"""

from typing import Annotated, Any

from litestar import Request, Router, delete, get, patch, post
from litestar.datastructures import CacheControlHeader
from litestar.params import JSONBody, PathParameter
from msgspec import UNSET

from koodtx.accounts import credentials, examples, store
from koodtx.accounts.authorise import count_address, given_bearer_token
from koodtx.accounts.caller import Caller
from koodtx.accounts.errors import Taken, WrongCredentials
from koodtx.accounts.messages import (
    AuthLogin,
    AuthRefresh,
    AuthRegister,
    AuthResponse,
    DeviceList,
    PasswordChange,
    ProfileChange,
    User,
)
from koodtx.accounts.tokens import given_refresh_token, token_hash
from koodtx.accounts.validation import checked_timezone
from koodtx.app_state import AppState
from koodtx.errors import NotFound, TokenInvalid
from koodtx.web.forwarded import client_address
from koodtx.web.openapi.declare import optional_body
from koodtx.web.paths import name_of

AnyRequest = Request[Any, Any, AppState]
CallerRequest = Request[Caller, Any, AppState]


@post(
    "/register",
    summary="Create an account",
    guards=[count_address],
    opt={"policy": "public", "errors": [Taken], "examples": {"request": examples.REGISTER}},
)
async def register(request: AnyRequest, state: AppState, data: JSONBody[AuthRegister]) -> AuthResponse:
    """Logs in as well. A name or e-mail address that is taken gets 409, with the field."""
    return await credentials.register(state, data, client_address(request))


@post(
    "/login",
    summary="Log in",
    status_code=200,
    guards=[count_address],
    opt={"policy": "public", "errors": [WrongCredentials], "examples": {"request": examples.LOGIN}},
)
async def login(request: AnyRequest, state: AppState, data: JSONBody[AuthLogin]) -> AuthResponse:
    """An unknown account and a wrong password get the same answer."""
    return await credentials.log_in(state, data, client_address(request))


@post(
    "/refresh",
    summary="Get the next tokens",
    status_code=200,
    operation_class=optional_body(AuthRefresh),
    opt={"policy": "public", "errors": [TokenInvalid], "examples": {"request": examples.REFRESH}},
)
async def refresh(request: AnyRequest, state: AppState, data: JSONBody[AuthRefresh | None] = None) -> AuthResponse:
    """The refresh token is in the body, or in `Authorization: Bearer`. After a lost reply, send it again.

    A refresh token gets the same next one until that one is used.
    """
    token = _refresh_token(request, data)
    return await credentials.refresh(state, token)


@post(
    "/logout",
    summary="Log out",
    status_code=204,
    operation_class=optional_body(AuthRefresh),
    opt={"policy": "public", "examples": {"request": examples.REFRESH}},
)
async def logout(request: AnyRequest, state: AppState, data: JSONBody[AuthRefresh | None] = None) -> None:
    """Ends the login of a refresh token, given as for a refresh; its access tokens end within 5 s. Safe to repeat."""
    token = _refresh_token(request, data)
    async with state.pool.connection() as connection:
        await store.revoke_login_of(connection, token_hash(token))


@post(
    "/password",
    summary="Change the password",
    status_code=204,
    opt={"policy": "user", "examples": {"request": examples.PASSWORD}},
)
async def change_password(request: CallerRequest, state: AppState, data: JSONBody[PasswordChange]) -> None:
    """This login continues; all others of the account end within 5 s."""
    await credentials.change_password(state, request.user, data, client_address(request))


@get("/me", operation_id="getMe", summary="My account", opt={"policy": "user"})
async def me(request: CallerRequest, state: AppState) -> User:
    async with state.pool.connection() as connection:
        return await store.get_user(connection, request.user.user_id)


@patch("/me", summary="Change my name or time zone", opt={"policy": "user", "examples": {"request": examples.PROFILE}})
async def change_me(request: CallerRequest, state: AppState, data: JSONBody[ProfileChange]) -> User:
    timezone = None if data.timezone is UNSET else checked_timezone(data.timezone)
    name = None if data.name is UNSET else data.name
    async with state.pool.connection() as connection:
        return await store.update_user(
            connection, request.user.user_id, has_name=data.name is not UNSET, name=name, timezone=timezone
        )


@get("/devices", operation_id="listDevices", summary="My devices", opt={"policy": "user"})
async def devices(request: CallerRequest, state: AppState) -> DeviceList:
    async with state.pool.connection() as connection:
        return DeviceList(await store.list_devices(connection, request.user.user_id, request.user.device_key))


@delete(
    "/devices/{device_id:str}",
    summary="Revoke a device",
    opt={"right": "device:own", "policy": "user", "errors": [NotFound]},
)
async def revoke_device(
    request: CallerRequest,
    state: AppState,
    device_id: Annotated[str, PathParameter(description="The `device_id` that the client chose.")],
) -> None:
    """Its logins end within 5 s. A later login on it restores it. What it recorded is kept."""
    async with state.pool.connection() as connection:
        await store.revoke_device(connection, request.user.user_id, name_of(device_id))


def _refresh_token(request: AnyRequest, data: AuthRefresh | None) -> str:
    return given_refresh_token(data.refresh_token if data else None, given_bearer_token(request))


routes = Router(
    "/api/auth",
    route_handlers=[register, login, refresh, logout, change_password, me, change_me, devices, revoke_device],
    # Tokens are in the replies.
    cache_control=CacheControlHeader(no_store=True),
    tags=["Accounts"],
)
