"""Generates docs/settings.md and .env.example from koodtx/settings.py: `python -m tools.settings_page`."""

import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from koodtx.settings import PREFIX, Settings


class Entry(NamedTuple):
    """A setting as the documents show it; `default` is None if the setting is required."""

    name: str
    type: str
    default: str | None
    description: str


def entries() -> Iterator[Entry]:
    """Yields every setting in the order of settings.py."""
    hints = typing.get_type_hints(Settings, include_extras=True)
    for field in msgspec.structs.fields(Settings):
        metas = [part for part in _annotations(hints[field.name]) if isinstance(part, msgspec.Meta)]
        description = next(meta.description for meta in metas if meta.description)
        default = None if field.default is msgspec.NODEFAULT else _written(field.default)
        yield Entry(PREFIX + field.name.upper(), _type(hints[field.name]), default, description)


def markdown() -> str:
    """Returns the text of docs/settings.md."""
    rows = [f"| `{entry.name}` | {entry.type} | {_shown_default(entry)} | {entry.description} |" for entry in entries()]
    return "\n".join(
        [
            "# Settings",
            "",
            "Read from the environment and from `.env` in the working directory; the environment takes precedence.",
            "This page is generated from `koodtx/settings.py`.",
            "",
            "| name | type | default | description |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def env_example() -> str:
    """Returns the text of .env.example."""
    parts = ["# Copy to .env. Lines that are commented out show the defaults. Generated from koodtx/settings.py."]
    for entry in entries():
        assignment = f"{entry.name}={entry.default or ''}"
        parts.append(f"# {entry.description}\n{assignment if entry.default is None else '# ' + assignment}")
    return "\n\n".join(parts) + "\n"


def _annotations(hint: Any) -> list[Any]:
    return list(getattr(hint, "__metadata__", ()))


def _type(hint: Any) -> str:
    plain = typing.get_args(hint)[0]
    if typing.get_origin(plain) is Literal:
        return " or ".join(f"`{choice}`" for choice in typing.get_args(plain))
    if plain is bool:
        return "`true` or `false`"
    return "number" if plain in (int, float) else "text"


def _written(default: Any) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


def _shown_default(entry: Entry) -> str:
    if entry.default is None:
        return "required"
    return f"`{entry.default}`" if entry.default else "empty"


def main() -> None:
    root = Path(__file__).parent.parent
    (root / "docs").mkdir(exist_ok=True)
    (root / "docs" / "settings.md").write_text(markdown())
    (root / ".env.example").write_text(env_example())


if __name__ == "__main__":
    main()
