"""JSON as text, so that numbers of any length can be written; and read so that no digit of them is lost."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

START_MS = 1_760_000_000_000
COLUMNS = ("x", "y", "z", "value", "latitude", "longitude", "altitude", "accuracy", "speed", "bearing")

_special_numbers = st.sampled_from(
    ["0", "-0", "-0.0", "0.0", "1.0", "100.00", "1e2", "1E+5", "1e-320", "5e-324", "2.2250738585072014e-308", "1e-100",
     "9.99e-101", "1e100", "1.01e100", "1e200", "-1e200", "1.7976931348623157e308", "9007199254740991",
     "9007199254740992", "9007199254740993", "-9007199254740993", "18446744073709551615", "18446744073709551616",
     "123456789012345678901234567890", "0.1", "0.10000000000000000555", "3.141592653589793238462643383279", "90",
     "90.0000001", "-180", "180.5", "0.30000000000000004", "1e23", "-12.5"]
)  # fmt: skip
_numbers = st.one_of(
    _special_numbers,
    st.integers(-(10**25), 10**25).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(-1000, 1000, places=20).map(lambda number: format(number, "f")),
)
_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
_strings = st.tuples(_texts, st.booleans()).map(lambda pair: json.dumps(pair[0], ensure_ascii=pair[1]))
_leaves = st.one_of(_numbers, _numbers, _strings, st.sampled_from(["true", "false", "null", "[]", "{}"]))
_keys = st.one_of(
    st.sampled_from([*COLUMNS, "pressure", "bpm", "lux", "sensor_type", "timestamp", "data", "", '"', "\\", "x\ty"]),
    _texts,
)


def _object(members: dict[str, str]) -> str:
    return "{" + ",".join(f"{json.dumps(key)}:{value}" for key, value in members.items()) + "}"


_values = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
        st.dictionaries(_keys, inner, max_size=3).map(_object),
    ),
    max_leaves=4,
)
contents = st.dictionaries(_keys, st.one_of(_leaves, _values), max_size=5).map(_object)

# Epoch milliseconds with up to three decimals, each once per sensor.
_times = st.integers(START_MS * 1000, START_MS * 1000 + 10_000_000).map(lambda micros: str(Decimal(micros) / 1000))
_sensors = st.sampled_from(["accelerometer", "pressure", "gps", "heart rate", 'odd "name" \\ \u2028', "x"])
readings = st.lists(
    st.tuples(_sensors, _times, contents), min_size=1, max_size=6, unique_by=lambda item: (item[0], Decimal(item[1]))
)


def reading_text(sensor: str, time: str, data: str) -> str:
    return f'{{"sensor_type":{json.dumps(sensor)},"timestamp":{time},"data":{data}}}'


def push_text(session_id: str, items: list[str]) -> bytes:
    session = {"session_id": session_id, "start_time": "2025-10-09T08:53:20Z"}
    return f'{{"session":{json.dumps(session)},"sensor_data":[{",".join(items)}]}}'.encode()


def exactly(text: str | bytes) -> Any:
    """The JSON's value with each number as a pair, so that 1 and true differ and no digit is lost."""

    def number(literal: str) -> tuple[str, Decimal]:
        return "number", Decimal(literal)

    return json.loads(text, parse_float=number, parse_int=number)
