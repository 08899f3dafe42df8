"""The OpenAPI document is one that generators of clients make usable code of; docs/openapi.json is its copy."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from openapi_spec_validator import validate

from koodtx.app import create_app
from koodtx.jobs.task import TASKS
from koodtx.readings.blocks import REJECTION_CODES
from tests.docs.pages import read, rows
from tests.support.settings import make_settings

pytestmark = [pytest.mark.api, pytest.mark.unit]

_ROOT = Path(__file__).parent.parent.parent
_METHODS = {"get", "post", "put", "patch", "delete"}
# Types that a language, or the usual generator for it, has already. A class of such a name is renamed or hides them.
# ErrorResponse is one of Swift's generator, but clients know it: it stays.
_RESERVED = {
    "Any", "Array", "Bool", "Boolean", "Byte", "Character", "Class", "Client", "Configuration", "Data", "Date",
    "DateTime", "Dictionary", "Double", "Duration", "Enum", "Error", "Event", "Exception", "File", "Float", "Function",
    "Future", "Int", "Integer", "Iterable", "List", "Long", "Map", "Nothing", "Null", "Number", "Object", "Optional",
    "Pair", "Progress", "Promise", "Protocol", "Range", "Record", "Request", "Response", "Result", "Self", "Set",
    "Short", "Stream", "String", "Symbol", "Task", "Thread", "Type", "URL", "UUID", "Unit", "Void",
}  # fmt: skip
# Each is an array or an object on the wire. In requests it can be left out; nothing else is a union of types.
_UNIONS = {"SensorDataItem.timestamps", "Session.enabled_sensors", "RecordingSession.enabled_sensors"}
_UNIONS |= {"TakeResult.detailed_feedback"}


@pytest.fixture(scope="module")
def document() -> Any:
    """No lifespan, so no database either."""
    return TestClient(create_app(make_settings("postgresql://nowhere"))).get("/docs/openapi.json").json()


@pytest.fixture(scope="module")
def schemas(document: Any) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def operations(document: Any) -> dict[str, Any]:
    return {
        f"{method} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in _METHODS
    }


def fields(schemas: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, schema in schemas.items():
        for field, part in schema.get("properties", {}).items():
            yield f"{name}.{field}", part


def all_schemas(document: Any) -> Iterator[tuple[str, Any]]:
    """Every schema with the place where it is, down to the smallest part."""
    for name, operation in operations(document).items():
        for parameter in operation.get("parameters", []):
            yield from _parts(f"{name} {parameter['name']}", parameter["schema"])
        for where, message in {"request": operation.get("requestBody", {}), **operation["responses"]}.items():
            for content in message.get("content", {}).values():
                yield from _parts(f"{name} {where}", content["schema"])
    for name, schema in document["components"]["schemas"].items():
        yield from _parts(name, schema)


def _parts(place: str, schema: Any) -> Iterator[tuple[str, Any]]:
    yield place, schema
    for field, part in schema.get("properties", {}).items():
        yield from _parts(f"{place}.{field}", part)
    inner = [schema.get("items"), schema.get("additionalProperties")]
    for part in (*inner, *schema.get("anyOf", []), *schema.get("oneOf", [])):
        if isinstance(part, dict):
            yield from _parts(place, part)


def choices(schema: Any) -> list[Any]:
    found: list[Any] = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return found


def names_in(schema: Any) -> set[str]:
    return set(re.findall(r"'#/components/schemas/([^']+)'", str(schema)))


def contained(names: set[str], schemas: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    while new := names - found:
        found |= new
        names = set().union(*(names_in(schemas[name]) for name in new))
    return found


def test_document_is_valid(document: Any) -> None:
    validate(document)


def test_file_of_the_document_is_current() -> None:
    """Of a process of its own, as tests register tasks."""
    code = "from tools import openapi_page; print(openapi_page.text(), end='')"
    made = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=True)
    assert (_ROOT / "docs" / "openapi.json").read_text() == made.stdout


def test_operation_ids_are_short_and_unique(document: Any) -> None:
    ids = [operation["operationId"] for operation in operations(document).values()]
    assert len(set(ids)) == len(ids)
    assert [name for name in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z]+){0,3}", name)] == []
    assert {"register", "login", "push", "pull", "getSyncStatus", "startAnalysis", "getResult"} <= set(ids)
    vague = {"me", "status", "start", "end", "read", "list", "result", "report", "history", "get", "jobs", "retry"}
    assert not vague & set(ids)


def test_schemas_have_names_that_languages_leave_free(schemas: dict[str, Any]) -> None:
    assert not _RESERVED & set(schemas)


def test_a_field_with_a_default_is_not_taken_for_one_that_is_always_there(schemas: dict[str, Any]) -> None:
    assert [place for place, part in fields(schemas) for choice in (part, *choices(part)) if "default" in choice] == []
    assert set(schemas["AuthLogin"]["required"]) == {"password"}
    assert set(schemas["SyncPushRequest"]["required"]) == {"session"}
    assert set(schemas["AnalysisRequest"]["required"]) == {"kind"}
    assert schemas["SyncPullRequest"].get("required", []) == []
    assert "Default: 50." in schemas["SyncPullRequest"]["properties"]["page_size"]["description"]
    assert {"archived", "replayed"}.isdisjoint(schemas["SyncPushResponse"]["required"])
    assert "errors" in schemas["ErrorResponse"]["required"]


_STREAMS = ("/events 200", "/api/tokens/analysis-progress/{job_id} 200")


def test_a_value_has_one_type(document: Any) -> None:
    unions = set()
    for place, schema in all_schemas(document):
        types = {choice.get("type", "object") for choice in choices(schema)} - {"null"}
        if len(types) > 1 and not place.endswith(_STREAMS):
            unions.add(place)
        assert not {"integer", "number"} <= types, place
        assert not isinstance(schema.get("type"), list), place
    assert {re.sub(r"^.* ", "", place) for place in unions} == _UNIONS


def test_every_schema_says_what_it_is(document: Any) -> None:
    for place, schema in all_schemas(document):
        assert schema.keys() & {"type", "$ref", "anyOf", "oneOf"}, place
        if schema.get("type") == "object":
            assert schema.keys() & {"properties", "additionalProperties"}, place
        if "enum" in schema:
            assert schema["type"] == "string", place
        if schema.get("type") in ("integer", "number"):
            assert schema["format"] in ("int32", "int64", "double"), place
        if schema.get("format") == "int32" and "headers" not in place:
            assert schema.get("maximum", 0) < 2**31, place


def test_free_objects_may_have_any_keys(schemas: dict[str, Any]) -> None:
    for name, field in (("SensorDataItem", "data"), ("Completed", "summary")):
        assert schemas[name]["properties"][field]["additionalProperties"] is True


def test_every_time_is_a_date_time(document: Any, schemas: dict[str, Any]) -> None:
    by_name = [
        (place, part)
        for place, part in fields(schemas)
        if re.search(r"(\.|_)(at|time|server_timestamp)$", place)
        # Of a film, these are seconds.
        and not re.search(r"\.processing_time$|Token\w*\.(start|end)_time$", place)
    ]
    assert len(by_name) > 40
    for place, part in by_name:
        part = part.get("items", part)
        assert {choice.get("format") for choice in choices(part) if choice.get("type") != "null"} == {"date-time"}, (
            place
        )
    for name in ("from", "to"):
        (schema,) = [
            parameter["schema"]
            for parameter in operations(document)["get /api/sessions/{session_id}/series"]["parameters"]
            if parameter["name"] == name
        ]
        assert schema["format"] == "date-time"


def test_parameters_are_never_null(document: Any) -> None:
    for name, operation in operations(document).items():
        for parameter in operation.get("parameters", []):
            schema = parameter["schema"]
            assert isinstance(schema["type"], str), (name, parameter)
            assert not schema.keys() & {"oneOf", "anyOf"}, (name, parameter)
            assert None not in schema.get("enum", []), (name, parameter)


def test_headers_are_declared(document: Any) -> None:
    for name, operation in operations(document).items():
        for status, reply in operation["responses"].items():
            expected = {"X-Request-ID"} | ({"Retry-After"} if status in ("429", "503") else set())
            assert expected <= set(reply["headers"]), (name, status)
            assert all(header["$ref"].rpartition("/")[2] in document["components"]["headers"]
                       for header in reply["headers"].values())  # fmt: skip
    (push,) = [operation for operation in operations(document).values() if operation["operationId"] == "push"]
    parameters = {parameter["name"]: parameter["schema"] for parameter in push["parameters"]}
    assert parameters["Content-Encoding"] == {"type": "string", "enum": ["gzip"]}
    assert parameters["Idempotency-Key"]["type"] == "string"


def test_failures_of_the_server_are_declared(document: Any) -> None:
    for name, operation in operations(document).items():
        assert "500" in operation["responses"], name


def test_texts_of_few_values_are_enumerations(schemas: dict[str, Any]) -> None:
    def values(place: str) -> set[str]:
        name, field = place.split(".")
        return set(schemas[name]["properties"][field]["enum"])

    documented = {problem.strip("`") for problem, *_ in rows(read("docs/errors.md"))}
    assert values("ErrorResponse.type") == {f"urn:koodtx:problem:{name}" for name in documented}
    refused = re.search(r"### Refused readings\n(.*?)\n###", read("docs/sync.md"), re.DOTALL)
    assert refused is not None
    assert values("RejectedItem.code") == {row[0].strip("`") for row in rows(refused[1])} == set(REJECTION_CODES)
    assert values("AnalysisRequest.kind") | {"cleanup_old_sensor_data"} <= values("JobState.task") <= set(TASKS)
    assert values("User.role") == {"user", "admin"}
    statuses = {"queued", "running", "completed", "failed", "cancelled"}
    for place in ("JobState.status", "Connected.status", "JobProgress.status", "AnalysisState.status"):
        assert values(place) == statuses


def test_requests_and_answers_type_the_sensors_of_a_session(schemas: dict[str, Any]) -> None:
    texts, null = {"type": "array", "items": {"type": "string"}}, {"type": "null"}
    assert schemas["PushedSession"]["properties"]["enabled_sensors"]["anyOf"] == [texts, null]
    for name in ("Session", "RecordingSession"):
        by_name = {"type": "object", "additionalProperties": {"type": "boolean"}}
        assert schemas[name]["properties"]["enabled_sensors"]["anyOf"] == [texts, by_name, null]


def test_streams_are_texts_whose_messages_are_described(document: Any, schemas: dict[str, Any]) -> None:
    streams = [
        (name, content["text/event-stream"])
        for name, operation in operations(document).items()
        for reply in operation["responses"].values()
        if "text/event-stream" in (content := reply.get("content", {}))
    ]
    assert len(streams) == 4
    for name, content in streams:
        text, event = content["schema"]["oneOf"]
        assert text == {"type": "string"}, name
        assert event["$ref"].endswith("Event"), name
    for event, union in (("JobEvent", "JobMessage"), ("UserEvent", "UserMessage")):
        assert schemas[event]["properties"]["data"]["contentSchema"] == {"$ref": f"#/components/schemas/{union}"}
    for union in ("JobMessage", "UserMessage"):
        mapping = schemas[union]["discriminator"]["mapping"]
        assert set(mapping.values()) == {choice["$ref"] for choice in schemas[union]["oneOf"]}


def test_every_request_has_an_example(document: Any) -> None:
    """Swagger UI fills in the first one: without it, "Try it out" sends what is refused."""
    for name, operation in operations(document).items():
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            # Swagger UI has a button for the file of a form.
            assert content.get("examples") or media_type == "multipart/form-data", name


def test_every_schema_is_used(document: Any, schemas: dict[str, Any]) -> None:
    assert contained(names_in(document["paths"]), schemas) == set(schemas)
