"""Sentences about findings, in Korean and English."""

import math
from typing import NamedTuple

from koodtx.recommendations.recommender import Finding


class Sentences(NamedTuple):
    """The same in both languages."""

    ko: str
    en: str


# What to do about a rule that is not met.
ADVICE = {
    "weekly_exercise": Sentences(
        "이날까지 7일 동안 {value}분 운동하셨어요. 일주일에 {threshold}분을 목표로 조금 더 움직여 보세요.",
        "You exercised for {value} minutes in these 7 days. Try to reach {threshold} minutes a week.",
    ),
    "steps": Sentences(
        "이날 {value}걸음 걸으셨어요. 하루 {threshold}걸음을 목표로 걸어 보세요.",
        "You took {value} steps on this day. Try to reach {threshold} steps a day.",
    ),
    "moderate_minutes": Sentences(
        "이날 숨이 조금 찰 정도의 활동을 {value}분 하셨어요. 하루 {threshold}분을 목표로 빠르게 걸어 보세요.",
        "You were moderately active for {value} minutes on this day. Walk briskly to reach {threshold} minutes a day.",
    ),
    "food_energy": Sentences(
        "이날 {value}kcal를 드셨어요. 하루 기준치인 {threshold}kcal에 가깝게 드셔 보세요.",
        "Your food had {value} kcal on this day. Try to stay near the reference of {threshold} kcal a day.",
    ),
    "late_food": Sentences(
        "이날 마지막으로 드신 시각은 {value}이에요. {threshold} 전에 식사를 마쳐 보세요.",
        "You last ate at {value} on this day. Try to finish your last meal by {threshold}.",
    ),
}
PRAISE = Sentences(
    "건강한 하루를 보내셨어요. 그대로 이어가 보세요.",
    "You had a healthy day. Keep it up.",
)
UNKNOWN = Sentences(
    "기록이 더 있으면 알맞은 추천을 드릴 수 있어요. 운동 시간과 음식의 열량도 적어 보세요.",
    "With more data there is more to recommend. Note down how long you exercise and the energy of your food, too.",
)


def advice(finding: Finding) -> Sentences:
    """About a rule that is not met. Rounding never makes the value and the threshold equal."""
    value, threshold = finding.value, finding.threshold
    assert value is not None
    is_below = value < threshold
    words = {
        "value": _written(value, finding.unit, is_up=not is_below),
        "threshold": _written(threshold, finding.unit, is_up=is_below),
    }
    return Sentences(*(text.format(**words) for text in ADVICE[finding.rule]))


def _written(number: float, unit: str, *, is_up: bool) -> str:
    """Hours as on a clock, other units as whole numbers."""
    smallest = number * 60 if unit == "h" else number
    whole = math.ceil(smallest) if is_up else math.floor(smallest)
    return f"{whole // 60:02}:{whole % 60:02}" if unit == "h" else f"{whole:,}"
