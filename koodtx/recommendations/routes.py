"""/api/recommendations: a user's own recommendations."""

from datetime import date
from typing import Annotated

from litestar import Router, get
from litestar.params import QueryParameter
from msgspec import convert

from koodtx.app_state import AppState
from koodtx.recommendations import examples, store
from koodtx.recommendations.messages import Recommendation, RecommendationList
from koodtx.recommendations.recommender import Finding
from koodtx.web.body import BoundedRequest


@get(
    "/",
    operation_id="listRecommendations",
    summary="My recommendations, the latest day first",
    opt={"examples": {"200": {"one day": examples.RECOMMENDATIONS}}},
)
async def list_recommendations(
    request: BoundedRequest,
    state: AppState,
    day: Annotated[date | None, QueryParameter(name="date", description="Only this day of my time zone.")] = None,
    before: Annotated[date | None, QueryParameter(description="`next` of the page before.")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 30,
) -> RecommendationList:
    """A day without one is not in the list: its food or exercise record is missing, or no run has come to it."""
    async with state.pool.connection() as connection:
        rows = await store.list_recommendations(connection, request.user.user_id, day=day, before=before, limit=limit)
    found = [
        Recommendation(
            date=row.day,
            status="ready" if row.text_en is not None else "failed",
            text_ko=row.text_ko,
            text_en=row.text_en,
            rules=row.rules,
            findings=convert(row.findings, list[Finding]),
            recommender=row.recommender,
            updated_at=row.updated_at,
        )
        for row in rows
    ]
    return RecommendationList(found, next=rows[-1].day if len(rows) == limit else None)


routes = Router(
    "/api/recommendations", route_handlers=[list_recommendations], opt={"policy": "user"}, tags=["Recommendations"]
)
