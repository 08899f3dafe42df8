"""Schemas as generators of clients need them: one type per value, formats, and `required` as it is on the wire."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import NODEFAULT, Struct, inspect

from koodtx.web.openapi.declare import REFERENCE

Schema = dict[str, Any]

_LARGEST_INT32 = 2**31 - 1
_OR_MILLISECONDS = "ISO 8601 with a time zone. Epoch milliseconds, a number, are accepted as well."


def component_schemas(requests: set[type[Struct]], answers: set[type[Struct]]) -> dict[str, Schema]:
    """Returns the schemas of the structs and of all that they contain, by name."""
    _, schemas = msgspec.json.schema_components(requests | answers, ref_template=REFERENCE)
    sent, received = _all_structs(requests), _all_structs(answers)
    for struct in sent | received:
        schema = schemas[struct.__name__]
        for field in _fields(struct):
            part = schema["properties"][field.encode_name]
            _add_time_format(part, field.type)
            if struct not in received:
                _keep_first_type(part)
        if struct not in sent:
            tag = [name for name in schema["required"] if name == struct.__struct_config__.tag_field]
            always = [field.encode_name for field in _fields(struct) if _is_always_sent(struct, field)]
            schema["required"] = tag + always
    return {name: simplified(schema) for name, schema in schemas.items()}


def simplified(schema: Any) -> Any:
    """Returns a schema in the words that generators know, with all of its parts."""
    if isinstance(schema, list):
        return [simplified(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    # Fields are named freely, and examples are not schemas.
    schema = {
        name: {field: simplified(part) for field, part in value.items()}
        if name == "properties"
        else value
        if name in ("examples", "enum", "default", "mapping")
        else simplified(value)
        for name, value in schema.items()
    }
    for field in schema.get("properties", {}).values():
        _describe_default(field)
    return _with_formats(_without_integers(schema))


def parameter_schema(schema: Schema) -> Schema:
    """Returns the schema of a parameter. It cannot be null: what is absent is absent."""
    schema = simplified(schema)
    for word in ("oneOf", "anyOf"):
        choices = [choice for choice in schema.get(word, []) if choice != {"type": "null"}]
        if len(choices) == 1:
            del schema[word]
            schema = choices[0] | schema
    if isinstance(schema.get("type"), list):
        (schema["type"],) = [name for name in schema["type"] if name != "null"]
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    if schema.get("type") == "integer":
        whole = {name: int(schema[name]) for name in ("minimum", "maximum") if name in schema}
        schema = _with_formats(schema | whole)
    return schema


def union_schema(structs: tuple[type[Struct], ...]) -> Schema:
    """Returns the schema of a union of these structs, with a discriminator if they have tags."""
    schema: Schema = {"oneOf": [{"$ref": REFERENCE.format(name=struct.__name__)} for struct in structs]}
    tags = {struct.__struct_config__.tag: struct for struct in structs}
    (field,) = {struct.__struct_config__.tag_field for struct in structs}
    if field is not None and len(tags) == len(structs):
        mapping = {str(tag): REFERENCE.format(name=struct.__name__) for tag, struct in tags.items()}
        schema["discriminator"] = {"propertyName": field, "mapping": mapping}
    return schema


def _all_structs(structs: Iterable[type[Struct]]) -> set[type[Struct]]:
    """Returns the structs and those that they contain."""
    found: set[type[Struct]] = set()
    waiting = list(structs)
    while waiting:
        struct = waiting.pop()
        if struct not in found:
            found.add(struct)
            waiting += [part.cls for field in _fields(struct) for part in _parts(field.type) if _is_struct(part)]
    return found


def _fields(struct: type[Struct]) -> tuple[inspect.Field, ...]:
    described = inspect.type_info(struct)
    return described.fields if isinstance(described, inspect.StructType) else ()


def _is_struct(part: inspect.Type) -> bool:
    return isinstance(part, inspect.StructType)


def _parts(type_: inspect.Type) -> Iterator[Any]:
    """Yields a type and those that it is made of, but not the fields of a struct."""
    yield type_
    inner = [getattr(type_, name, None) for name in ("type", "item_type", "key_type", "value_type")]
    for part in (*inner, *getattr(type_, "types", ()), *getattr(type_, "item_types", ())):
        if isinstance(part, inspect.Type):
            yield from _parts(part)


def _is_always_sent(struct: type[Struct], field: inspect.Field) -> bool:
    """Whether every answer has the field. UNSET is never sent; it is not a default here."""
    has_default = field.default is not NODEFAULT or field.default_factory is not NODEFAULT
    return field.required or (has_default and not struct.__struct_config__.omit_defaults)


def _add_time_format(schema: Schema, type_: inspect.Type) -> None:
    """Adds the format of times, which msgspec omits unless a zone is demanded. All times that are sent have one."""
    if any(isinstance(part, inspect.DateTimeType) for part in _parts(type_)):
        for choice in _choices(schema):
            for part in (choice, choice.get("items", {}), choice.get("additionalProperties", {})):
                if part.get("type") == "string" and not part.keys() & {"format", "enum", "pattern"}:
                    part["format"] = "date-time"


def _keep_first_type(schema: Schema) -> None:
    """Of several types that a client may send leaves the first, and null: many generators make nothing of unions."""
    choices = schema.get("anyOf", [])
    values = [choice for choice in choices if choice.get("type") != "null"]
    if len(values) > 1 and "$ref" not in values[0]:
        if values[0].get("format") == "date-time":
            schema["description"] = f"{schema.get('description', '')} {_OR_MILLISECONDS}".strip()
        if len(choices) == len(values):
            del schema["anyOf"]
            schema.update(values[0] | schema)
        else:
            schema["anyOf"] = [values[0], {"type": "null"}]


def _choices(schema: Schema) -> list[Schema]:
    return schema.get("anyOf") or schema.get("oneOf") or [schema]


def _describe_default(field: Schema) -> None:
    """Generators take a field with a default for one that is always there."""
    if "default" in field:
        default = field.pop("default")
        text = str(field.get("description", ""))
        if default not in (None, [], {}) and "default" not in text.lower():
            field["description"] = f"{text} Default: {msgspec.json.encode(default).decode()}.".strip()


def _without_integers(schema: Schema) -> Schema:
    """Every integer is a number: a union of both becomes an empty class in some languages."""
    for word in ("anyOf", "oneOf"):
        if any(choice.get("type") == "number" for choice in schema.get(word, [])):
            choices = [choice for choice in schema[word] if choice.get("type") != "integer"]
            others = {name: value for name, value in schema.items() if name != word}
            schema = choices[0] | others if len(choices) == 1 else others | {word: choices}
    return schema


def _with_formats(schema: Schema) -> Schema:
    """Adds what is left out: types of enums, free objects, and sizes, without which integers have 32 bits in Kotlin."""
    if "enum" in schema and "type" not in schema and all(isinstance(value, str) for value in schema["enum"]):
        schema = {"type": "string"} | schema
    if schema.get("type") == "object" and not schema.keys() & {"properties", "additionalProperties"}:
        schema["additionalProperties"] = True
    if "format" not in schema:
        if schema.get("type") == "number":
            schema["format"] = "double"
        if schema.get("type") == "integer":
            schema["format"] = "int32" if schema.get("maximum", _LARGEST_INT32 + 1) <= _LARGEST_INT32 else "int64"
    return schema
