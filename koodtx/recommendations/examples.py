"""Examples of the OpenAPI document."""

RECOMMENDATIONS = {
    "recommendations": [
        {
            "date": "2026-03-02",
            "status": "ready",
            "text_ko": "이날까지 7일 동안 90분 운동하셨어요. 일주일에 150분을 목표로 조금 더 움직여 보세요.",
            "text_en": "You exercised for 90 minutes in these 7 days. Try to reach 150 minutes a week.",
            "rules": ["weekly_exercise"],
            "findings": [
                {"rule": "weekly_exercise", "value": 90.0, "threshold": 150.0, "unit": "min", "is_met": False}
            ],
            "recommender": "rules",
            "updated_at": "2026-03-02T19:00:03Z",
        }
    ],
    "next": None,
}
