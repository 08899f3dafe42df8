"""Who may call which route: each declares its policy in `opt`. A route without one does not start."""

from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import HTTPRoute

from koodtx.accounts.active_logins import authenticate
from koodtx.app_state import state_of
from koodtx.errors import NotAllowed, NotAuthenticated

POLICIES = ("public", "user", "admin")

AnyConnection = ASGIConnection[Any, Any, Any, Any]


async def authorise(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """The guard of every route: puts the caller into `request.user`.

    Raises NotAuthenticated, TokenInvalid, NotAllowed.
    """
    policy = handler.opt.get("policy")
    if policy == "public" or _is_options(handler):
        return
    state = state_of(connection.app)
    caller = await authenticate(state.pool, state.settings.signing_keys, bearer_token(connection))
    connection.scope["user"] = caller
    if policy != "user" and not (policy == "admin" and caller.role == "admin"):
        raise NotAllowed


def check_policies(app: Litestar) -> None:
    """Raises ImproperlyConfiguredException when a route does not declare who may call it."""
    for route in app.routes:
        handlers = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]
        for handler in handlers:
            if handler.opt.get("policy") not in POLICIES and not _is_options(handler):
                raise ImproperlyConfiguredException(f"{route.path} ({handler}) declares no policy")


def bearer_token(connection: AnyConnection) -> str:
    """Returns the token of the header Authorization. Raises NotAuthenticated."""
    token = given_bearer_token(connection)
    if token is None:
        raise NotAuthenticated
    return token


def given_bearer_token(connection: AnyConnection) -> str | None:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _is_options(handler: BaseRouteHandler) -> bool:
    """Whether it is Litestar's own answer to OPTIONS: which methods a path has."""
    return isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}
