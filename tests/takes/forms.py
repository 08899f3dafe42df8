"""Forms of uploads, and what is there afterwards."""

import asyncio
from typing import Any

import httpx

from koodtx.settings import Settings
from koodtx.storage.objects import Objects
from tests.support.aliases import Db
from tests.support.databases import value

BOUNDARY = "----WebKitFormBoundaryAbc"


def objects_of(settings: Settings) -> set[str]:
    return {key for key in asyncio.run(Objects(settings).list()) if key.startswith("take/")}


def form(*parts: bytes, end: bytes = f"--{BOUNDARY}--\r\n".encode()) -> bytes:
    return b"".join(f"--{BOUNDARY}\r\n".encode() + part + b"\r\n" for part in parts) + end


def part(body: bytes, disposition: str = 'form-data; name="audio_file"; filename="take.wav"') -> bytes:
    return f"Content-Disposition: {disposition}\r\n\r\n".encode() + body


def send(
    client: httpx.Client, headers: dict[str, str], line_id: int, body: Any,
    content_type: str = f"multipart/form-data; boundary={BOUNDARY}", **more: str,
) -> httpx.Response:  # fmt: skip
    return client.post(
        f"/api/tokens/{line_id}/upload-audio", content=body, headers=headers | {"Content-Type": content_type} | more
    )


def is_problem(reply: httpx.Response, status: int, problem: str, field: str | None = None) -> bool:
    document = reply.json()
    fields = [error["field"] for error in document.get("errors", [])]
    return (
        reply.status_code == status
        and document["type"] == f"urn:koodtx:problem:{problem}"
        and (field is None or fields == [field])
    )


def nothing_stored(db: Db, settings: Settings) -> bool:
    return (
        objects_of(settings) == set()
        and value(db, "select count(*) from app.takes") == 0
        and value(db, "select count(*) from app.jobs") == 0
        and value(db, "select count(*) from app.stored_objects where purpose = 'take'") == 0
    )
