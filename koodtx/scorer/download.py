"""Audio files from the URLs of a request, within limits of size and time."""

import asyncio
from pathlib import Path

import httpx

from koodtx.scorer.errors import NotDownloaded

# What the API accepts of a take, unless KOODTX_MAX_TAKE_BYTES is set.
MAX_BYTES = 50_000_000
LIMIT_S = 60


async def download(http: httpx.AsyncClient, url: str, path: Path, name: str) -> None:
    """Writes the body of `url` to `path`. `name` is for messages. Raises NotDownloaded, which does not show the URL."""
    try:
        async with asyncio.timeout(LIMIT_S):
            await _stream(http, url, path, name)
    except TimeoutError as error:
        raise NotDownloaded(f"{name} could not be downloaded within {LIMIT_S} s") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotDownloaded(f"{name} could not be downloaded: {type(error).__name__}") from error


async def _stream(http: httpx.AsyncClient, url: str, path: Path, name: str) -> None:
    async with http.stream("GET", url) as answer:
        if answer.status_code != httpx.codes.OK:
            raise NotDownloaded(f"{name} could not be downloaded: the server answered {answer.status_code}")
        size = 0
        with path.open("wb") as file:
            async for piece in answer.aiter_raw():
                size += len(piece)
                if size > MAX_BYTES:
                    raise NotDownloaded(f"{name} has more than {MAX_BYTES // 1_000_000} MB")
                file.write(piece)
