"""Which recommender the settings choose."""

from koodtx.recommendations.recommender import Recommender
from koodtx.recommendations.rules import RulesRecommender
from koodtx.settings import Settings


def choose_recommender(settings: Settings) -> Recommender:
    return RulesRecommender()
