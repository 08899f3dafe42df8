"""What a library writes a file into, from which its bytes are taken again and again."""

import io
from typing import Any


class Sink(io.RawIOBase):
    """A file that can only be appended to."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def take(self) -> bytes:
        """Returns what was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken
