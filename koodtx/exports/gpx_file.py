"""GPX 1.1: a track per session and sensor of position. https://www.topografix.com/GPX/1/1/"""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from xml.sax.saxutils import escape

from koodtx.database.query import Connection
from koodtx.exports import store
from koodtx.exports.messages import ExportedSession, Sensor
from koodtx.exports.slices import slices

# A pause longer than this, and than three usual intervals, ends a segment: as distances are counted.
_GAP_S = 60.0
_GAP_INTERVALS = 3
# What XML 1.0 cannot hold.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="KooDTX" xmlns="http://www.topografix.com/GPX/1/1">
<metadata><desc>{}</desc></metadata>
"""
_DESCRIPTION = "Positions as the phone recorded them, without those that it reported as invalid. Times are UTC."
_ARCHIVED = " {} readings were archived: no positions of them are left."


async def write_gpx(connection: Connection, sessions: Sequence[ExportedSession]) -> AsyncGenerator[bytes]:
    """Sensors without positions have no track."""
    archived = sum(session.fields.archived_count for session in sessions)
    yield _HEAD.format(_DESCRIPTION + (_ARCHIVED.format(archived) if archived else "")).encode()
    for session in sessions:
        for sensor in await store.sensors(connection, session.recording_id):
            used = await store.used_columns(connection, session.recording_id, sensor)
            if "latitude" in used.columns:
                track = _Track(connection, session, sensor, used.readings)
                async with aclosing(track.write()) as pieces:
                    async for piece in pieces:
                        yield piece
    yield b"</gpx>\n"


class _Track:
    """The fixes of one sensor."""

    def __init__(self, connection: Connection, session: ExportedSession, sensor: Sensor, readings: int) -> None:
        self._connection = connection
        self._session = session
        self._sensor = sensor
        interval_s = (sensor.to_at - sensor.from_at).total_seconds() / max(1, readings - 1)
        self._gap_s = max(_GAP_S, _GAP_INTERVALS * interval_s)

    async def write(self) -> AsyncGenerator[bytes]:
        name = f"{self._session.fields.session_id} {self._sensor.sensor}"
        yield f"<trk><name>{_text(name)}</name>\n<trkseg>\n".encode()
        previous_at = None

        async def read(rest: Sensor) -> store.Slice:
            nonlocal previous_at
            found = await store.readings_gpx(
                self._connection, self._session.recording_id, rest, previous_at, self._gap_s
            )
            previous_at = found.last_at
            return found

        async with aclosing(slices(self._sensor, read)) as parts:
            async for part in parts:
                yield part.body or b""
        yield b"</trkseg>\n</trk>\n"


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text))
