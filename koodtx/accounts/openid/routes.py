"""/api/auth/google, /api/auth/openid, /api/auth/identities"""

from typing import Any
from uuid import UUID

from litestar import Request, Router, delete, get, post
from litestar.datastructures import CacheControlHeader
from litestar.params import FromPath, JSONBody

from koodtx.accounts import store as accounts_store
from koodtx.accounts.authorise import count_address
from koodtx.accounts.caller import Caller
from koodtx.accounts.errors import WrongCredentials
from koodtx.accounts.messages import AuthResponse
from koodtx.accounts.openid import examples, log_in, store
from koodtx.accounts.openid.errors import (
    IdentityTaken,
    IdTokenInvalid,
    IssuerUnavailable,
    LastLogin,
    LinkRequired,
    LoginNotOffered,
)
from koodtx.accounts.openid.messages import Identity, IdentityList, NewIdentity, OpenidLogin
from koodtx.app_state import AppState
from koodtx.errors import LimitReached
from koodtx.web.forwarded import client_address

AnyRequest = Request[Any, Any, AppState]
CallerRequest = Request[Caller, Any, AppState]

_LOGIN_ERRORS = [IdTokenInvalid, WrongCredentials, LoginNotOffered, LinkRequired, IssuerUnavailable]


@post(
    "/google",
    operation_id="logInWithGoogle",
    summary="Log in with Google",
    status_code=200,
    guards=[count_address],
    opt={"policy": "public", "errors": _LOGIN_ERRORS, "examples": {"request": examples.LOGIN}},
)
async def log_in_with_google(request: AnyRequest, state: AppState, data: JSONBody[OpenidLogin]) -> AuthResponse:
    """The first login of an identity creates an account without a password.

    An e-mail address that another account has gets 409: log in to that account, and link the identity to it.
    """
    google = state.id_tokens.google
    return await log_in.log_in(state, data, [google] if google else [], client_address(request))


@post(
    "/openid",
    operation_id="logInWithOpenid",
    summary="Log in with an issuer of OpenID Connect",
    status_code=200,
    guards=[count_address],
    opt={"policy": "public", "errors": _LOGIN_ERRORS, "examples": {"request": examples.LOGIN}},
)
async def log_in_with_openid(request: AnyRequest, state: AppState, data: JSONBody[OpenidLogin]) -> AuthResponse:
    """As for Google, with an ID token of any issuer that this server accepts."""
    return await log_in.log_in(state, data, state.id_tokens.all, client_address(request))


@post(
    "/identities",
    operation_id="linkIdentity",
    summary="Link an identity to my account",
    guards=[count_address],
    opt={
        "policy": "user",
        "errors": [LoginNotOffered, IdentityTaken, LimitReached, IssuerUnavailable],
        "examples": {"request": examples.LINK},
    },
)
async def link(request: CallerRequest, state: AppState, data: JSONBody[NewIdentity]) -> Identity:
    """From now on it logs in to this account. Repeating it does no harm."""
    return await log_in.link(state, request.user, data, client_address(request))


@get("/identities", operation_id="listIdentities", summary="My identities", opt={"policy": "user"})
async def list_all(request: CallerRequest, state: AppState) -> IdentityList:
    user_id = request.user.user_id
    async with state.pool.connection() as connection:
        known = await accounts_store.get_credentials(connection, user_id)
        return IdentityList(await store.list_identities(connection, user_id), known.password_hash is not None)


@delete(
    "/identities/{identity_id:uuid}",
    operation_id="unlinkIdentity",
    summary="Remove an identity from my account",
    opt={"right": "identity:own", "policy": "user", "errors": [LastLogin]},
)
async def unlink(request: CallerRequest, state: AppState, identity_id: FromPath[UUID]) -> None:
    """This login continues; all others of the account end within 5 s. The only way to log in stays (409)."""
    async with state.pool.connection() as connection, connection.transaction():
        await store.unlink_identity(connection, request.user.user_id, identity_id, request.user.login_id)


routes = Router(
    "/api/auth",
    route_handlers=[log_in_with_google, log_in_with_openid, link, list_all, unlink],
    # Tokens are in the replies.
    cache_control=CacheControlHeader(no_store=True),
    tags=["Accounts"],
)
