"""Who may call what: each route declares its policy in `opt`, and without one nobody may."""

import time
from collections import OrderedDict
from typing import Any
from uuid import UUID

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import HTTPRoute
from psycopg_pool import AsyncConnectionPool

from koodtx.accounts import store
from koodtx.accounts.caller import Caller
from koodtx.accounts.store import ActiveLogin
from koodtx.accounts.tokens import read_access_token
from koodtx.errors import NotAllowed, NotAuthenticated, TokenInvalid

POLICIES = ("public", "user", "admin")

_TRUSTED_FOR_S = 3.0
_MAX_STANDINGS = 10_000

AnyConnection = ASGIConnection[Any, Any, Any, Any]


class Standings:
    """What the database said of logins, believed for three seconds."""

    def __init__(self) -> None:
        self._known: OrderedDict[UUID, tuple[float, ActiveLogin | None]] = OrderedDict()

    async def get(self, pool: AsyncConnectionPool, login_id: UUID) -> ActiveLogin | None:
        asked_at = time.monotonic()
        known_at, active = self._known.get(login_id, (float("-inf"), None))
        if asked_at - known_at < _TRUSTED_FOR_S:
            return active
        async with pool.connection() as connection:
            active = await store.find_active_login(connection, login_id)
        self._known[login_id] = (asked_at, active)
        self._known.move_to_end(login_id)
        while len(self._known) > _MAX_STANDINGS:
            self._known.popitem(last=False)
        return active


_active_logins = Standings()


async def authorise(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """The guard of every route: the caller goes into `request.user`.

    Raises NotAuthenticated, TokenInvalid, NotAllowed.
    """
    policy = handler.opt.get("policy")
    if policy == "public" or _is_options(handler):
        return
    caller = await authenticate(connection, bearer_token(connection))
    connection.scope["user"] = caller
    if policy != "user" and not (policy == "admin" and caller.role == "admin"):
        raise NotAllowed


async def authenticate(connection: AnyConnection, token: str) -> Caller:
    """Whose access token this is, if it still counts. Raises TokenInvalid."""
    state = connection.app.state
    claims = read_access_token(state.settings.secret_key, token)
    active = await _active_logins.get(state.pool, claims.fam)
    if active is None or (active.user_id, active.device_key) != (int(claims.sub), claims.dev):
        raise TokenInvalid
    return Caller(active.user_id, active.role, active.device_key, claims.fam)


def check_policies(app: Litestar) -> None:
    """Raises ImproperlyConfiguredException when a route has forgotten to say who may call it."""
    for route in app.routes:
        handlers = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]
        for handler in handlers:
            if handler.opt.get("policy") not in POLICIES and not _is_options(handler):
                raise ImproperlyConfiguredException(f"{route.path} ({handler}) declares no policy")


def bearer_token(connection: AnyConnection) -> str:
    """What the Authorization holds. Raises NotAuthenticated."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated
    return token.strip()


def _is_options(handler: BaseRouteHandler) -> bool:
    """Litestar's own answer to OPTIONS: which methods there are."""
    return isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}
