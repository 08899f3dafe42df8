"""The guard of every route: who calls, and whether the policy that the route declares lets them."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from koodtx.accounts.active_logins import authenticate
from koodtx.accounts.policies import is_options
from koodtx.app_state import state_of
from koodtx.errors import NotAllowed, NotAuthenticated

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


def bearer_token(connection: AnyConnection) -> str:
    """Returns the token of the header Authorization. Raises NotAuthenticated."""
    token = given_bearer_token(connection)
    if token is None:
        raise NotAuthenticated
    return token


def given_bearer_token(connection: AnyConnection) -> str | None:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
