"""Real recordings, pushed through the API as by the phones of three users and a watch: what docs/analysts.md asks."""

from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from koodtx.demo.recording import SAMPLE_RATE_HZ, read_recording
from tests.docs.pages import ROOT
from tests.support.aliases import Readings
from tests.support.recordings import geotec, strapdown, tcx_heart_rate
from tests.support.settings import PASSWORD

_BATCH = 10_000
# Of its sensors the last is not pushed.
_DRIVE = ["accelerometer", "barometer", "gps", "gyroscope"]


def load(client: TestClient[Litestar]) -> None:
    """Users 1, 2 and 3, with session 1, 2 and 3; user 3 also with sessions 4 and 5, of watches."""
    phone = {"platform": "android", "model": "SM-A520F", "app_version": "1.4.2"}
    _record(client, "mina", "Europe/Zurich", "campus-walk", campus(), sample_rate=SAMPLE_RATE_HZ, device=phone)
    phone = {"platform": "ios", "model": "iPhone15,2", "app_version": "1.4.2"}
    drive = {"sample_rate": 1, "enabled_sensors": _DRIVE, "device": phone}
    _record(client, "james", "America/New_York", "drive", strapdown(), **drive)
    phone = {"platform": "android", "model": "Pixel 6", "app_version": "1.5.0"}
    pilar = _record(client, "pilar", "Europe/Madrid", "sit-stand-walk", geotec("sp"), sample_rate=100, device=phone)
    _push(client, pilar, "paddle", tcx_heart_rate("tcx_device_distance/sup_activity_1.tcx"))
    watch = {"platform": "wearos", "app_version": "1.5.0"}
    _push(client, pilar, "sit-stand-walk-wrist", geotec("sw"), sample_rate=100, device=watch)


def campus() -> Readings:
    """Twelve minutes on a campus, five sensors; examples/sensorlogger_ethz."""
    return [
        {"sensor_type": reading.sensor_type, "timestamp": reading.timestamp_ms, "data": reading.data}
        for reading in read_recording(ROOT / "examples" / "sensorlogger_ethz")
    ]


def _record(
    client: TestClient[Litestar], username: str, timezone: str, session_id: str, readings: Readings, **session: Any
) -> dict[str, str]:
    """Registers a user and pushes their session; headers of their login."""
    account = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
    reply = client.post("/api/auth/register", json=account | {"device_id": "phone"})
    assert reply.status_code == 201, reply.text
    headers = {"Authorization": f"Bearer {reply.json()['access_token']}"}
    reply = client.patch("/api/auth/me", json={"timezone": timezone}, headers=headers)
    assert reply.status_code == 200, reply.text
    _push(client, headers, session_id, readings, **session)
    return headers


def _push(
    client: TestClient[Litestar], headers: dict[str, str], session_id: str, readings: Readings, **session: Any
) -> None:
    times = [reading["timestamp"] for reading in readings]
    session = {
        "session_id": session_id,
        "start_time": min(times),
        "end_time": max(times),
        "enabled_sensors": sorted({reading["sensor_type"] for reading in readings}),
    } | session
    for first in range(0, len(readings), _BATCH):
        body = {"session": session, "sensor_data": readings[first : first + _BATCH]}
        reply = client.post("/api/sync/push", json=body, headers=headers)
        assert reply.status_code == 200, reply.text
        assert reply.json()["rejected"] == []
