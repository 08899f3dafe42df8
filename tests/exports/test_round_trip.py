"""Whatever JSON is pushed, every format gives it back as a pull does, to the last digit."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exports.conftest import Reading, csv_readings, in_order, parquet_readings, pulled_readings
from tests.support.aliases import Client
from tests.sync.json_texts import push_text, reading_text, readings

pytestmark = [pytest.mark.api, pytest.mark.sync]

_numbers = itertools.count()
_names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
_formulas = st.builds(lambda first, rest: first + rest, st.sampled_from(list("=+-@\t\r\n'＝＠")), _names)  # noqa: RUF001


def exact(found: list[Reading]) -> list[tuple[str, int, Any]]:
    """With the digits of the numbers: 0.0 and -0.0 are equal otherwise."""
    return sorted((sensor, at, canonical(data)) for sensor, at, data in found)


def canonical(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!r}:{canonical(item)}" for key, item in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    is_small = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 2**53
    return repr(float(value)) if is_small else repr(value)


@given(pushed=readings, names=st.lists(_names | _formulas, min_size=1, max_size=3))
@settings(max_examples=25)
def test_every_format_gives_back_what_was_pushed(
    client: Client, auth_headers: dict[str, str], tmp_path: Path, pushed: Any, names: list[str]
) -> None:
    session_id = f"{names[0]}{next(_numbers)}"
    items = [reading_text(names[index % len(names)], at, data) for index, (_, at, data) in enumerate(pushed)]
    headers = auth_headers | {"Content-Type": "application/json"}
    reply = client.post("/api/sync/push", content=push_text(session_id, items), headers=headers)
    assert reply.status_code == 200, reply.text
    expected = exact(pulled_readings(client, auth_headers, session_id))
    path = "".join(f"%{byte:02X}" for byte in session_id.encode())

    def download(file_format: str) -> bytes:
        found = client.get(f"/api/sessions/{path}/download?format={file_format}", headers=auth_headers)
        assert found.status_code == 200, found.text
        return found.content

    file = tmp_path / f"{next(_numbers)}.parquet"
    file.write_bytes(download("parquet"))
    assert exact(csv_readings(download("csv"))) == expected
    assert exact(parquet_readings(file)) == expected
    document = client.get(f"/api/sessions/{path}/download?format=json", headers=auth_headers).json()
    assert exact(in_order(document["sessions"][0]["sensor_data"])) == expected
