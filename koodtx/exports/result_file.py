"""The files of a result: JSON for people to read, one CSV table, or a ZIP file of tables."""

import asyncio
import hashlib
import zlib
from collections.abc import AsyncGenerator

import msgspec

from koodtx.exports.cells import BOM
from koodtx.exports.messages import Result, ResultFormat
from koodtx.exports.readme import result_readme
from koodtx.exports.result_tables import Table, lists_of_objects, numbers, sensor_tables, table_csv
from koodtx.exports.zip_file import ZipWriter
from koodtx.file_names import unique_names
from koodtx.jobs.task import TASKS

# Raised whenever a format changes: see koodtx/exports/write.py.
_EDITION = 2


def result_fingerprint(result: Result, file_format: ResultFormat) -> str:
    """Stands for the bytes that `write_result` gives."""
    parts = [str(_EDITION), file_format, zlib.ZLIB_RUNTIME_VERSION, str(result.job_id), result.version]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


async def write_result(result: Result, file_format: ResultFormat) -> AsyncGenerator[bytes]:
    """The bytes of the file. A result is small enough to be written at once, in a thread."""
    writers = {"json": _json, "csv": _csv, "zip": _zip}
    yield await asyncio.to_thread(writers[file_format], result)


def _json(result: Result) -> bytes:
    reply = {
        "job_id": result.job_id,
        "kind": result.kind,
        "status": result.status,
        "error": None,
        "result": result.document,
    }
    return msgspec.json.format(msgspec.json.encode(reply), indent=2) + b"\n"


def _csv(result: Result) -> bytes:
    found = [number._asdict() for number in numbers(result.document or {})]
    return BOM + table_csv(Table(["sensor", "axis", "name", "value"], found)).encode()


def _zip(result: Result) -> bytes:
    document = result.document or {}
    found = list(numbers(document))
    lists = lists_of_objects(document)
    summary = [
        {"name": number.name, "value": number.value}
        for number in found
        if not number.sensor and number.name.partition("[")[0] not in lists
    ]
    tables = {"summary.csv": Table(["name", "value"], summary)}
    tables |= {f"{name}.csv": table for name, table in lists.items()}
    sensors = sensor_tables(found)
    names = unique_names(list(sensors), "csv", "sensor")
    tables |= {f"sensors/{name}": table for name, table in zip(names, sensors.values(), strict=True)}
    writer = ZipWriter()
    pieces = [
        writer.whole_member("README.txt", BOM + result_readme(result, list(tables), _descriptions(result)).encode())
    ]
    pieces.append(writer.whole_member("result.json", _json(result)))
    pieces += [writer.whole_member(name, BOM + table_csv(table).encode()) for name, table in tables.items()]
    return b"".join([*pieces, writer.end()])


def _descriptions(result: Result) -> dict[str, str]:
    """What the API's documentation says of the members of the result, by name."""
    task = TASKS.get(result.kind)
    if task is None or task.result is None:
        return {}
    _, schemas = msgspec.json.schema_components([task.result])
    return {
        name: " ".join(member["description"].split())
        for schema in schemas.values()
        for name, member in schema.get("properties", {}).items()
        if "description" in member
    }
