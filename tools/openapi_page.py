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
    return json.dumps(complete(app.openapi_schema.to_schema(), app), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    root = Path(__file__).parent.parent
    (root / "docs" / "openapi.json").write_text(text())
