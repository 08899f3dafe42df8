"""One file of a form, received into a temporary file: memory is the same whatever its size."""

import asyncio
import tempfile
from typing import BinaryIO

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from koodtx.errors import Malformed, TooLarge, invalid_field
from koodtx.web.body import BoundedRequest
from koodtx.web.errors import UnsupportedMedia

# Names, boundaries, and small fields that are ignored.
_BESIDE_FILE_BYTES = 65_536
_MAX_FIELDS = 16
# 50 MB at half a megabit per second; BoundedRequest ends slower ones.
_DEADLINE_S = 900


async def receive_file(request: BoundedRequest, field: str, max_bytes: int) -> BinaryIO:
    """Returns the file of a field, at its beginning; it is removed when the request ends. Other fields are ignored.

    Raises UnsupportedMedia, Malformed, Invalid, TooLarge, BodyTooSlow.
    """
    parser = _parser(request)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the request ends
    request.on_end.callback(file.close)
    receiver = _Receiver(parser, file, field, max_bytes)
    await request.receive_body(receiver.take, max_bytes + _BESIDE_FILE_BYTES, _DEADLINE_S)
    receiver.check_end()
    await asyncio.to_thread(file.seek, 0)
    return file


def _parser(request: BoundedRequest) -> PushMultipartParser:
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMedia("a form must not be compressed")
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    if media_type.lower() != "multipart/form-data":
        raise UnsupportedMedia(f"the body must be multipart/form-data, not {media_type or 'untyped'}")
    try:
        return PushMultipartParser(options.get("boundary", ""), max_segment_count=_MAX_FIELDS)
    except (MultipartError, UnicodeError) as error:
        raise Malformed("the content type has no valid boundary") from error


class _Receiver:
    """Writes the wanted field of a form into a file, as the form arrives."""

    def __init__(self, parser: PushMultipartParser, file: BinaryIO, field: str, max_bytes: int) -> None:
        self._parser = parser
        self._file = file
        self._field = field
        self._max_bytes = max_bytes
        self._is_wanted = False
        self._is_found = False
        self._byte_count = 0

    async def take(self, chunk: bytes) -> None:
        try:
            events = list(self._parser.parse(chunk)) if chunk else []
        except MultipartError as error:
            raise Malformed(f"the form is not well-formed: {error}") from error
        for event in events:
            if isinstance(event, MultipartSegment):
                self._begin(event)
            elif event is not None and self._is_wanted:
                await self._write(event)

    def check_end(self) -> None:
        """Raises Malformed for a form that was cut off, Invalid if it had no such field."""
        try:
            self._parser.close()
        except MultipartError as error:
            raise Malformed("the form is cut off") from error
        if not self._is_found:
            raise invalid_field(self._field, "is missing")

    def _begin(self, segment: MultipartSegment) -> None:
        self._is_wanted = segment.name == self._field
        if self._is_wanted and self._is_found:
            raise invalid_field(self._field, "is there twice")
        self._is_found = self._is_found or self._is_wanted

    async def _write(self, piece: bytes) -> None:
        self._byte_count += len(piece)
        if self._byte_count > self._max_bytes:
            raise TooLarge(f"{self._field} has more than {self._max_bytes} bytes")
        # A full disk cache would hold up the other requests.
        await asyncio.to_thread(self._file.write, piece)
