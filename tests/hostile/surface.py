"""Everything that a client can fill in, read from the OpenAPI document: new routes are there without being listed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from litestar import Litestar
from litestar.testing import TestClient

from koodtx.analysis.messages import AnalysisRequest
from tests.support.aliases import Document

Place = tuple[str | int, ...]

# Stands for the value that is tried.
HOLE = "@@hole@@"
# A job of nobody.
NO_JOB = "00000000-0000-4000-8000-000000000000"
NO_SCHEDULE = "999999999"
# A stream that does not end for a caller who may read it.
ENDLESS = "/api/v1/events"
# Times of the day of the test: some must not be long ago, some not lie in the future.
_OF_FORMAT = {"date-time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "date": "2025-10-09", "uuid": NO_JOB}


class Operation(NamedTuple):
    """A method of a path, its parameters as (where, name, sample) and a body that is right.

    `needed`: the names of parameters that must be there; `file`: that of the field of a form.
    """

    method: str
    path: str
    parameters: list[tuple[str, str, Any]]
    needed: set[str]
    body: Any
    file: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def url(self, **values: str) -> str:
        """The path with its parameters filled in, and the query that must be there; values are encoded already."""
        samples = {name: str(sample) for where, name, sample in self.parameters if where == "path"}
        query = [
            f"{name}={values.get(name, sample)}"
            for where, name, sample in self.parameters
            if where == "query" and (name in self.needed or name in values)
        ]
        return self.path.format(**samples | values) + "?" * bool(query) + "&".join(query)


def operations(client: TestClient[Litestar]) -> list[Operation]:
    """All of the document."""
    document = client.get("/docs/openapi.json").json()
    return [
        _operation(document, method.upper(), path, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def _operation(document: Document, method: str, path: str, described: Document) -> Operation:
    parameters = [
        (parameter["in"], parameter["name"], sample(document, parameter.get("schema", {})))
        for parameter in described.get("parameters", [])
    ]
    needed = {parameter["name"] for parameter in described.get("parameters", []) if parameter.get("required")}
    contents = described.get("requestBody", {}).get("content", {})
    content, form = contents.get("application/json"), contents.get("multipart/form-data")
    file = next(iter(form["schema"]["properties"])) if form else None
    return Operation(method, path, parameters, needed, _body(document, content) if content else None, file)


def _body(document: Document, content: Document) -> Any:
    """With every member; as in the first example, if there is one."""
    examples = [example["value"] for example in content.get("examples", {}).values()]
    name = content["schema"].get("$ref", "").rpartition("/")[2]
    # An edit has only what goes with the type of its record.
    if name == "RecordPatch":
        return examples[0]
    # A question has only what goes with its kind, or the defaults.
    defaults = msgspec.to_builtins(AnalysisRequest(kind="analyze_sensor_data")) if name == "AnalysisRequest" else {}
    return sample(document, content["schema"]) | defaults | next(iter(examples), {})


def sample(document: Document, schema: Document) -> Any:
    """A value that the schema allows, with every member."""
    if "$ref" in schema:
        return sample(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if schema.get("examples"):
        return schema["examples"][0]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return sample(document, next(one for one in schema[choice] if one.get("type") != "null"))
    if "enum" in schema:
        return schema["enum"][0]
    return _sample_of_type(document, schema)


def _sample_of_type(document: Document, schema: Document) -> Any:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return {name: sample(document, member) for name, member in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(document, schema.get("items", {}))]
    if kind == "string":
        otherwise = "a" * max(1, schema.get("minLength", 1))
        return _OF_FORMAT.get(schema.get("format", ""), otherwise)
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    return True if kind == "boolean" else "a"


def places(body: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """The whole body, and every member and item in it, each with what is there."""
    yield at, body
    members: Any = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, member in members:
        yield from places(member, (*at, name))


def with_value(body: Any, place: Place, raw: bytes) -> bytes:
    """The body as JSON with `raw` at the place."""

    def fill(part: Any, rest: Place) -> Any:
        if not rest:
            return HOLE
        copy = part.copy()
        copy[rest[0]] = fill(part[rest[0]], rest[1:])
        return copy

    return json.dumps(fill(body, place)).encode().replace(json.dumps(HOLE).encode(), raw)
