"""Bodies of files, and types of the fixtures that store them."""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from koodtx.storage.store import StoredObject

# Settings that name a store.
Changes = dict[str, Any]
Store = Callable[..., Coroutine[Any, Any, StoredObject]]


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    """The body of a file."""
    for piece in given:
        yield piece
