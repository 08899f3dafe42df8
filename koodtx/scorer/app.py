"""The application of the scorer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import structlog
from litestar import Litestar

from koodtx.http_client import make_client
from koodtx.logs import configure_logs
from koodtx.processes.allocator import return_freed_memory
from koodtx.processes.parent_death import end_with_parent
from koodtx.scorer import settings as settings_module
from koodtx.scorer.analyses import Analyses
from koodtx.scorer.deliver import Webhooks
from koodtx.scorer.errors import ScoringEnded
from koodtx.scorer.routes import MAX_BODY_BYTES, ScorerState, routes
from koodtx.scorer.scoring import IDLE_S, Scoring
from koodtx.scorer.settings import ScorerSettings
from koodtx.setting_types import split
from koodtx.web import problems

_log = structlog.get_logger("koodtx.scorer")


def worker_app() -> Litestar:
    """The app of the worker process of granian, which must not outlive a killed parent: it would keep the port."""
    end_with_parent()
    return_freed_memory()
    return create_app(settings_module.load())


def create_app(settings: ScorerSettings) -> Litestar:
    """Returns the ASGI application."""
    configure_logs(settings.log_level)
    return Litestar(
        route_handlers=[routes],
        state=ScorerState({"secrets": settings.secrets, "settings": settings}),
        lifespan=[_running],
        request_max_body_size=MAX_BODY_BYTES,
        exception_handlers=problems.HANDLERS,
        openapi_config=None,
        logging_config=None,
    )


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    """Runs the analyses and the process that scores."""
    state = cast("ScorerState", app.state)
    settings: ScorerSettings = state["settings"]
    async with make_client({"User-Agent": "koodtx-scorer"}) as http:
        state.scoring = Scoring(IDLE_S if settings.scorer_is_lazy else None)
        webhooks = Webhooks(http, settings.secrets[0])
        state.analyses = Analyses(http, state.scoring, webhooks, split(settings.scorer_public_urls))
        beside = [asyncio.create_task(state.analyses.run()), asyncio.create_task(state.scoring.end_when_idle())]
        if not settings.scorer_is_lazy:
            beside.append(asyncio.create_task(_warm_up(state.scoring)))
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await state.scoring.close()


async def _warm_up(scoring: Scoring) -> None:
    """The next analysis tries again, and reports what is wrong."""
    try:
        await scoring.warm_up()
    except ScoringEnded as error:
        _log.warning("scoring does not start", reason=error.detail)
