"""Examples of the OpenAPI document. The token is one that nobody has."""

_TOKEN = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJodHRwczovL2FjY291bnRzLmdvb2dsZS5jb20ifQ.c2lnbmF0dXJl"  # noqa: S105

LOGIN = {"from a phone": {"id_token": _TOKEN, "device_id": "pixel-8-6f2c", "timezone": "Asia/Seoul"}}
LINK = {"an identity": {"id_token": _TOKEN}}
