"""Recommendations by the built-in rules."""

from koodtx.recommendations.recommender import Day, Texts
from koodtx.recommendations.texts import PRAISE, UNKNOWN, advice


class RulesRecommender:
    """About the most important rule that is not met; praise when all are of which there are data."""

    name = "rules"

    async def recommend(self, day: Day) -> Texts:
        for finding in day.findings:
            if finding.is_met is False:
                return Texts(*advice(finding), rules=[finding.rule])
        met = [finding.rule for finding in day.findings if finding.is_met]
        return Texts(*(PRAISE if met else UNKNOWN), rules=met)
