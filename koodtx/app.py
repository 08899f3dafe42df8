"""create_app(): the only module that imports the routes of every room."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.types import ASGIApp
from redis.asyncio import Redis

from koodtx import settings as settings_module
from koodtx import tasks
from koodtx.accounts.authorise import authorise
from koodtx.accounts.openid.id_tokens import IdTokens
from koodtx.accounts.openid.routes import routes as openid_routes
from koodtx.accounts.passwords import PasswordHasher
from koodtx.accounts.policies import check_policies
from koodtx.accounts.routes import routes as accounts_routes
from koodtx.analysis.routes import routes as analysis_routes
from koodtx.app_state import AppState, state_of
from koodtx.database.pool import make_pool
from koodtx.database.sync_epoch import watch_sync_epoch
from koodtx.diary.routes import routes as diary_routes
from koodtx.exports.downloads import Downloads
from koodtx.exports.routes import routes as exports_routes
from koodtx.jobs.admin_routes import routes as jobs_admin_routes
from koodtx.jobs.routes import make_routes as make_jobs_routes
from koodtx.live.hub import Hub
from koodtx.live.routes import routes as live_routes
from koodtx.logs import configure_logs
from koodtx.maintenance.routes import routes as maintenance_routes
from koodtx.mypage.routes import routes as mypage_routes
from koodtx.rate_limits import AtOnce, Limiter
from koodtx.recommendations.routes import routes as recommendations_routes
from koodtx.schedules.routes import routes as schedules_routes
from koodtx.scripts.admin_routes import routes as scripts_admin_routes
from koodtx.scripts.routes import routes as scripts_routes
from koodtx.sessions.routes import routes as sessions_routes
from koodtx.settings import Settings
from koodtx.sharing.routes import routes as sharing_routes
from koodtx.storage.objects import Objects
from koodtx.storage.routes import routes as storage_routes
from koodtx.sync.push.turns import PushTurns
from koodtx.sync.routes import routes as sync_routes
from koodtx.takes.routes import routes as takes_routes
from koodtx.teams.routes import routes as teams_routes
from koodtx.web import health, problems
from koodtx.web.body import BoundedRequest, InFlight
from koodtx.web.compression import CompressAnswers
from koodtx.web.forwarded import trusted_networks
from koodtx.web.head import HeadAsGet
from koodtx.web.logs import RequestLog
from koodtx.web.openapi.config import OPENAPI
from koodtx.web.pages import docs
from koodtx.web.paths import EncodedSlashes
from koodtx.web.refused_origins import LogRefusedOrigins
from koodtx.web.request_end import RequestEnd
from koodtx.web.slow_readers import DropSlowReaders
from koodtx.web.unread_bodies import DrainBodies
from koodtx.webhooks.routes import routes as webhooks_routes

# Importing the tasks registers them; their results are documented.
__all__ = ["create_app", "tasks"]


def create_app(settings: Settings | None = None) -> Litestar:
    """Returns the ASGI application. Settings default to the environment's. Raises SettingsError."""
    settings = settings or settings_module.load()
    configure_logs(settings.log_level)
    trusted_networks(tuple(settings.trusted_proxy_list))  # raises for a wrong one at the start
    app = Litestar(
        route_handlers=[
            health.routes,
            docs.routes,
            accounts_routes,
            openid_routes,
            sync_routes,
            sessions_routes,
            analysis_routes,
            exports_routes,
            diary_routes,
            teams_routes,
            sharing_routes,
            live_routes,
            make_jobs_routes(),
            jobs_admin_routes,
            maintenance_routes,
            storage_routes,
            schedules_routes,
            recommendations_routes,
            scripts_routes,
            scripts_admin_routes,
            mypage_routes,
            webhooks_routes,
            takes_routes,
        ],
        state=make_state(settings),
        lifespan=[_connections],
        request_class=BoundedRequest,
        request_max_body_size=None,
        guards=[authorise],
        exception_handlers=problems.HANDLERS,
        cors_config=_cors(settings),
        openapi_config=OPENAPI,
        # Litestar's own log configuration would log request bodies.
        logging_config=None,
    )
    check_policies(app)
    # Around the whole app instead of Litestar's middleware, so that unknown paths are logged too.
    app.asgi_handler = _with_middleware(app.asgi_handler, settings)
    return app


def _with_middleware(app: ASGIApp, settings: Settings) -> ASGIApp:
    """From the inside to the outside: what stands last sees a request first."""
    app = CompressAnswers(app)
    app = RequestEnd(app)
    app = DropSlowReaders(app)
    app = DrainBodies(app, settings.max_body_bytes)
    app = EncodedSlashes(app)
    app = HeadAsGet(app)
    app = LogRefusedOrigins(app, settings.cors_origin_list)
    return RequestLog(app)


def make_state(settings: Settings) -> AppState:
    """Returns what one run of the application holds: connections are opened when it starts."""
    redis = (
        Redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1) if settings.redis_url else None
    )
    pool = make_pool(settings)
    return AppState(
        {
            "settings": settings,
            "pool": pool,
            "redis": redis,
            "hub": Hub(pool, redis),
            "limiter": Limiter(redis),
            "in_flight": InFlight(settings.max_bytes_in_flight, settings.max_user_bytes_in_flight),
            "pulls": AtOnce(settings.max_user_pulls, "pulls"),
            "streams": AtOnce(settings.max_login_streams, "WebSockets and event streams"),
            "push_turns": PushTurns(),
            "passwords": PasswordHasher(),
            "id_tokens": IdTokens(settings),
            "objects": Objects(settings),
            "downloads": Downloads(settings),
            "uploads": AtOnce(settings.max_uploads, "uploads of all users", retry_after_s=10),
            "user_uploads": AtOnce(settings.max_user_uploads, "uploads", retry_after_s=10),
        }
    )


def _cors(settings: Settings) -> CORSConfig | None:
    """Returns None without origins: pages of other sites cannot read replies then."""
    if not settings.cors_origin_list:
        return None
    return CORSConfig(
        allow_origins=settings.cors_origin_list,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "Content-Encoding",
            "Idempotency-Key",
            "If-None-Match",
            "If-Range",
            "Range",
            "Sent-At",
            "X-Request-ID",
        ],
        expose_headers=["X-Request-ID", "Retry-After", "ETag", "Content-Disposition", "Content-Range"],
        max_age=600,
    )


@asynccontextmanager
async def _connections(app: Litestar) -> AsyncIterator[None]:
    """Opens the pool and runs the background loops. Does not wait for the database: /health reports its state."""
    state = state_of(app)
    async with state.pool:
        beside = [
            asyncio.create_task(watch_sync_epoch(state.pool)),
            asyncio.create_task(state.hub.run()),
        ]
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            state.passwords.close()
            await state.id_tokens.aclose()
            if state.redis is not None:
                await state.redis.aclose()
