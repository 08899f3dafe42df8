"""Examples of the OpenAPI document."""

WEBHOOK_ID = "0b8f3c1e-94a2-4f6b-8a70-5d3b6f0e2c11"
DELIVERY_ID = "5f1d7c9a-2b64-4e0d-9c38-7a1e4b6d8f20"
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="  # noqa: S105 - of nobody
_URL = "https://app.example.org/hooks"

NEW = {"both events": {"url": _URL, "events": ["take.completed", "take.failed"]}}
CHANGES = {
    "another URL": {"url": "https://app.example.org/other-hooks"},
    "active again": {"is_active": True},
}
WEBHOOK = {
    "webhook_id": WEBHOOK_ID,
    "url": _URL,
    "events": ["take.completed", "take.failed"],
    "is_active": True,
    "disabled_at": None,
    "disabled_reason": None,
    "created_at": "2026-03-02T09:00:00Z",
}
CREATED = WEBHOOK | {"secret": _SECRET}
WEBHOOKS = {
    "webhooks": [
        WEBHOOK,
        WEBHOOK
        | {
            "webhook_id": "b9a2f7d4-6c11-4d0e-8f35-2e7c9a1b3d44",
            "url": "https://old.example.org/hooks",
            "is_active": False,
            "disabled_at": "2026-03-05T12:41:09Z",
            "disabled_reason": "no message was accepted in 10 attempts: the receiver answered 503",
        },
    ]
}
NEW_SECRET = {"secret": _SECRET, "old_secret_until": "2026-03-03T09:00:00Z"}
TEST = {"delivery_id": DELIVERY_ID, "event": "webhook.test"}
DELIVERIES = {
    "deliveries": [
        {
            "delivery_id": DELIVERY_ID,
            "event": "take.completed",
            "status": "waiting",
            "attempts": 2,
            "last_attempt_at": "2026-03-02T09:00:07Z",
            "last_status": 503,
            "last_error": "the receiver answered 503",
            "next_attempt_at": "2026-03-02T09:05:31Z",
            "created_at": "2026-03-02T09:00:00Z",
            "delivered_at": None,
        }
    ],
    "next": None,
}
