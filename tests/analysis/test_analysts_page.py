"""docs/analysts.md: an analyst runs all of its SQL."""

import pytest

from tests.analysis.conftest import reading, series
from tests.docs.pages import blocks, read

pytestmark = pytest.mark.integration

STATEMENTS = [text for language, text in blocks(read("docs/analysts.md")) if language == "sql"]


def test_every_statement_runs(record, analyst):
    fixes = [reading(n, "gps", latitude=1.0, longitude=n / 1000, accuracy=3) for n in range(3)]
    assert record(series([20.0, 21.0]) + fixes + [reading(n, x=1.0, y=2.0, z=3.0) for n in range(9)]) == 1
    assert len(STATEMENTS) >= 10
    for text in STATEMENTS:
        for statement in text.split(";\n"):
            if statement.strip() and not statement.strip().startswith("--"):
                analyst(statement)
