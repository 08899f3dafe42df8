"""ZIP: a CSV file per sensor, what is left of archived readings, and a README of columns and units."""

import asyncio
import zipfile
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing

import msgspec

from koodtx.database.query import Connection
from koodtx.exports import store
from koodtx.exports.cells import BOM, LINE_END, line, number_cell, text_cell, time_cell
from koodtx.exports.csv_rows import RowForm, csv_rows
from koodtx.exports.messages import ArchivedMinute, ExportedSession, Sensor
from koodtx.exports.readme import SensorFiles, column_name, readme
from koodtx.exports.sink import Sink
from koodtx.exports.slices import archived_minutes
from koodtx.file_names import unique_names

# Measured on readings: level 6 takes twice as long and saves an eighth of the bytes.
_LEVEL = 3
# No row has more bytes than this: `extra` has at most 4 KB, and each of its bytes may be a doubled quote.
_MAX_ROW = 10_000
_ARCHIVED_HEADER = ["minute", "readings", "axis", "count", "mean", "std", "min", "max"]


class ZipWriter:
    """A ZIP file that is streamed: its bytes are returned as they become known. Equal contents give equal bytes."""

    def __init__(self) -> None:
        self._sink = Sink()
        # A member that is opened by its name has the time 1980-01-01, whenever it is written.
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)

    async def member(
        self, name: str, pieces: AsyncGenerator[bytes], *, is_large: bool = False
    ) -> AsyncGenerator[bytes]:
        """Adds a file. `is_large`: it may have more than 2 GB, which only readers of ZIP64 can unpack."""
        with self._zip.open(name, "w", force_zip64=is_large) as member:
            async with aclosing(pieces):
                async for piece in pieces:
                    await asyncio.to_thread(member.write, piece)
                    yield self._sink.take()
        yield self._sink.take()

    def whole_member(self, name: str, content: bytes) -> bytes:
        with self._zip.open(name, "w") as member:
            member.write(content)
        return self._sink.take()

    def end(self) -> bytes:
        self._zip.close()
        return self._sink.take()


async def write_zip(connection: Connection, sessions: Sequence[ExportedSession]) -> AsyncGenerator[bytes]:
    """Files of one session are at the top; several sessions have a folder each."""
    writer = ZipWriter()
    folders = [""]
    if len(sessions) > 1:
        names = unique_names([session.fields.session_id for session in sessions], "d", "session")
        folders = [name.removesuffix(".d") + "/" for name in names]
    for session, folder in zip(sessions, folders, strict=False):
        async with aclosing(_Folder(connection, writer, session, folder).write()) as pieces:
            async for piece in pieces:
                if piece:
                    yield piece
    yield writer.end()


class _Folder:
    """The files of one session."""

    def __init__(self, connection: Connection, writer: ZipWriter, session: ExportedSession, folder: str) -> None:
        self._connection = connection
        self._writer = writer
        self._session = session
        self._folder = folder

    async def write(self) -> AsyncGenerator[bytes]:
        files = await self._files()
        yield self._whole("README.txt", BOM + readme(self._session, files).encode())
        yield self._whole("session.json", msgspec.json.format(msgspec.json.encode(self._session.fields), indent=2))
        for name, content, is_large in self._tables(files):
            async with aclosing(self._writer.member(self._folder + name, content, is_large=is_large)) as pieces:
                async for piece in pieces:
                    yield piece

    async def _files(self) -> list[SensorFiles]:
        sensors = await store.sensors(self._connection, self._session.recording_id)
        names = unique_names([sensor.sensor for sensor in sensors], "csv", "sensor")
        return [
            SensorFiles(
                sensor,
                await store.used_columns(self._connection, self._session.recording_id, sensor),
                f"sensors/{name}",
                f"archived/{name}",
            )
            for sensor, name in zip(sensors, names, strict=True)
        ]

    def _whole(self, name: str, content: bytes) -> bytes:
        return self._writer.whole_member(self._folder + name, content)

    def _tables(self, files: list[SensorFiles]) -> Iterator[tuple[str, AsyncGenerator[bytes], bool]]:
        """Names, contents, and whether the file may have more than 2 GB."""
        for item in files:
            if item.used.readings:
                yield item.file, self._readings(item), item.used.readings * _MAX_ROW > zipfile.ZIP64_LIMIT
            if item.sensor.archived_days:
                yield item.archived_file, self._archived(item.sensor), False

    async def _readings(self, item: SensorFiles) -> AsyncGenerator[bytes]:
        names = [text_cell(column_name(column, item.sensor)) for column in item.used.columns]
        yield BOM + line(["recorded_at", *names]).encode()
        form = RowForm(item.used.columns, "", LINE_END)
        async with aclosing(csv_rows(self._connection, self._session.recording_id, item.sensor, form)) as pieces:
            async for piece in pieces:
                yield piece

    async def _archived(self, sensor: Sensor) -> AsyncGenerator[bytes]:
        yield BOM + line(_ARCHIVED_HEADER).encode()
        async with aclosing(archived_minutes(self._connection, self._session, sensor)) as days:
            async for day in days:
                yield "".join(_archived_lines(minute) for minute in day).encode()


def _archived_lines(minute: ArchivedMinute) -> str:
    """A row per axis; a minute without any has one row, so that its readings are counted."""
    head = [time_cell(minute.at), str(minute.readings)]
    if not minute.axes:
        return line([*head, *[""] * 6])
    return "".join(
        line([
            *head, text_cell(axis), str(rollup.count),
            *map(number_cell, (rollup.mean, rollup.std, rollup.min, rollup.max)),
        ])
        for axis, rollup in minute.axes.items()
    )  # fmt: skip
