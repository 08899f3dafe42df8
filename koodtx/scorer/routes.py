"""The contract of an analysis server: docs/analysis-server.md."""

import asyncio
from typing import Any, cast

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State

from koodtx.json import decode_json
from koodtx.scorer.analyses import Analyses
from koodtx.scorer.messages import AnalysisRequest, Report
from koodtx.scorer.scoring import Scoring
from koodtx.web.errors import BodyTooSlow
from koodtx.webhooks.signature import verify

MAX_BODY_BYTES = 65_536
_BODY_LIMIT_S = 10

_decode = msgspec.json.Decoder(AnalysisRequest).decode


class ScorerState(State):
    """Made by app.py."""

    secrets: list[bytes]
    scoring: Scoring
    analyses: Analyses


@post("/analyses", status_code=202)
async def submit(request: Request[Any, Any, Any]) -> Report:
    """Accepts an analysis, also one that is known already."""
    state = _state_of(request)
    try:
        async with asyncio.timeout(_BODY_LIMIT_S):
            body = await request.body()
    except TimeoutError as error:
        raise BodyTooSlow from error
    verify(state.secrets, request.headers, body)
    return state.analyses.submit(decode_json(body, _decode))


@get("/analyses/{job_id:str}")
async def poll(request: Request[Any, Any, Any], job_id: str) -> Report:
    """What the last webhook said. Signed over an empty body."""
    state = _state_of(request)
    verify(state.secrets, request.headers, b"")
    return state.analyses.report(job_id)


@get("/health")
async def health() -> dict[str, str]:
    """Whether the server runs."""
    return {"status": "ok"}


@get("/ready")
async def ready(request: Request[Any, Any, Any]) -> Response[dict[str, bool]]:
    """Whether an analysis would be scored without a wait for librosa: 200 or 503."""
    is_warm = _state_of(request).scoring.is_warm
    return Response({"ready": is_warm}, status_code=200 if is_warm else 503)


def _state_of(request: Request[Any, Any, Any]) -> ScorerState:
    return cast("ScorerState", request.app.state)


routes = Router("/", route_handlers=[submit, poll, health, ready])
