"""Guards: who calls, and whether the policy that the route declares lets them; how often an address logs in."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from koodtx.accounts.active_logins import authenticate
from koodtx.accounts.policies import is_options
from koodtx.app_state import state_of
from koodtx.errors import NotAllowed, NotAuthenticated
from koodtx.rate_limits import address_key
from koodtx.web.forwarded import client_address

AnyConnection = ASGIConnection[Any, Any, Any, Any]


async def authorise(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """The guard of every route: puts the caller into `request.user`.

    Raises NotAuthenticated, TokenInvalid, NotAllowed.
    """
    policy = handler.opt.get("policy")
    if policy == "public" or is_options(handler):
        return
    state = state_of(connection.app)
    caller = await authenticate(state.pool, state.settings.signing_keys, bearer_token(connection))
    connection.scope["user"] = caller
    if policy != "user" and not (policy == "admin" and caller.is_admin):
        raise NotAllowed


async def count_address(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """The guard of routes that check a password or an ID token: counts the client's address before the body is read.

    Raises TooMany.
    """
    state = state_of(connection.app)
    address = address_key(client_address(connection))
    await state.limiter.hit(f"address:{address}", state.settings.logins_per_minute_address)


def bearer_token(connection: AnyConnection) -> str:
    """Returns the token of the header Authorization. Raises NotAuthenticated."""
    token = given_bearer_token(connection)
    if token is None:
        raise NotAuthenticated
    return token


def given_bearer_token(connection: AnyConnection) -> str | None:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
