"""Lines that takes are recorded of, and recordings."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from koodtx.database.pool import make_pool
from koodtx.settings import Settings
from koodtx.storage.files import NewFile, store_file
from koodtx.storage.objects import Objects
from tests.support.aliases import Db
from tests.support.files import pieces

SPEECH = Path(__file__).parent.parent / "data" / "speech_wav"
# "seven", by two speakers.
REFERENCE = (SPEECH / "fsdd" / "7_theo_0.wav").read_bytes()
TAKE = (SPEECH / "fsdd" / "7_jackson_0.wav").read_bytes()


def store_audio(settings: Settings, body: bytes, purpose: str, user_id: int | None = None) -> str:
    """Stores a file as a room does; returns its key."""

    async def main() -> str:
        file = NewFile(purpose=purpose, user_id=user_id, file_name="audio.wav", media_type="audio/wav")  # type: ignore[arg-type]
        async with make_pool(settings) as pool:
            return (await store_file(pool, Objects(settings), file, pieces(body))).key

    return asyncio.run(main())


def add_line(db: Db, text: str = "seven", audio_key: str | None = None) -> int:
    """Writes a script with one line; returns the line's id, which the API calls token_id."""
    row = db.execute(
        """
        with script as (insert into app.scripts (title, language) values ('Digits', 'en') returning id)
        insert into app.lines (script_id, line_no, text, audio_key, audio_duration_s, audio_sample_rate_hz)
        select id, 1, %s, %s, %s, %s from script returning id
        """,
        [text, audio_key, audio_key and 0.4, audio_key and 8000],
    ).fetchone()
    assert row is not None
    return int(row[0])


def upload(
    client: httpx.Client, headers: dict[str, str], line_id: int, body: bytes = TAKE, name: str = "take.wav"
) -> httpx.Response:
    form: Any = {"audio_file": (name, body, "application/octet-stream")}
    return client.post(f"/api/tokens/{line_id}/upload-audio", files=form, headers=headers)
