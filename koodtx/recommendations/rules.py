from koodtx.recommendations.recommender import Day, Texts


class RulesRecommender:
    name = "rules"

    async def recommend(self, day: Day) -> Texts:
        return Texts("걸으세요", "Walk", ["weekly_exercise"])
