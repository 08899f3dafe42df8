"""Which recommender the settings choose."""

from functools import lru_cache

from koodtx.recommendations.recommender import Recommender
from koodtx.recommendations.rules import RulesRecommender
from koodtx.settings import Settings


@lru_cache(maxsize=1)
def choose_recommender(settings: Settings) -> Recommender:
    """One for the whole process: the chat recommender remembers from run to run that its endpoint is away."""
    if settings.recommender == "rules":
        return RulesRecommender()
    # Only workers that use it load httpx.
    from koodtx.recommendations.chat import ChatRecommender

    return ChatRecommender(settings)
