"""What a library writes a file into, from which its bytes are taken again and again."""

import io
from typing import Any


class Sink(io.RawIOBase):
    """A file that can only be appended to."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        """Returns what was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken
