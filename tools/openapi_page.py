"""Generates docs/openapi.json, the document that the service serves: `python -m tools.openapi_page`."""

import json
from pathlib import Path

from koodtx.app import create_app
from koodtx.settings import Settings
from koodtx.web.openapi.document import complete


def text() -> str:
    """Returns the text of docs/openapi.json."""
    # No setting changes the document, and no server is asked.
    app = create_app(Settings(database_url="postgresql://localhost/koodtx", secret_key="x" * 32, log_level="error"))
    document = complete(app.openapi_schema.to_schema(), app)
    # Both come in another order in each process, and a diff should show only what changed.
    document["paths"] = dict(sorted(document["paths"].items()))
    document["components"]["schemas"] = dict(sorted(document["components"]["schemas"].items()))
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    root = Path(__file__).parent.parent
    (root / "docs" / "openapi.json").write_text(text())
