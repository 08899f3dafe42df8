"""What an API process shares between its requests."""

from typing import TYPE_CHECKING, cast

from litestar import Litestar
from litestar.datastructures import State

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool
    from redis.asyncio import Redis

    from koodtx.accounts.openid.id_tokens import IdTokens
    from koodtx.accounts.passwords import PasswordHasher
    from koodtx.exports.downloads import Downloads
    from koodtx.live.hub import Hub
    from koodtx.rate_limits import AtOnce, Limiter
    from koodtx.settings import Settings
    from koodtx.storage.objects import Objects
    from koodtx.sync.push.turns import PushTurns
    from koodtx.web.body import InFlight


class AppState(State):
    """Made by koodtx/app.py. `redis`: None without KOODTX_REDIS_URL."""

    settings: "Settings"
    pool: "AsyncConnectionPool"
    redis: "Redis | None"
    hub: "Hub"
    limiter: "Limiter"
    in_flight: "InFlight"
    pulls: "AtOnce"
    streams: "AtOnce"
    push_turns: "PushTurns"
    passwords: "PasswordHasher"
    id_tokens: "IdTokens"
    objects: "Objects"
    downloads: "Downloads"
    uploads: "AtOnce"
    user_uploads: "AtOnce"


def state_of(app: Litestar) -> AppState:
    """Returns the application's state with its type, which Litestar does not declare."""
    return cast("AppState", app.state)
