"""Examples of the OpenAPI document: sent in their order, each succeeds."""

_PASSWORD = "correct horse battery"  # noqa: S105
_DEVICE = "pixel-8-6f2c"

REGISTER = {
    "a participant": {
        "username": "mina",
        "email": "mina@example.org",
        "password": _PASSWORD,
        "device_id": _DEVICE,
    }
}
LOGIN = {
    "by name": {"username": "mina", "password": _PASSWORD, "device_id": _DEVICE},
    "by e-mail address": {"email": "mina@example.org", "password": _PASSWORD, "device_id": _DEVICE},
}
REFRESH = {"the newest token": {"refresh_token": "kJ0d7Zb1yqX3sV5uW8pRtN2mL4hG6fDcE9aQxKzYvBw"}}
PROFILE = {
    "name and time zone": {"name": "Mina Kim", "timezone": "Asia/Seoul"},
    "no name": {"name": None},
}
PASSWORD = {"a new one": {"current": _PASSWORD, "new": "staple battery horse"}}
