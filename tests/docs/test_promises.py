"""Every promise of docs/promises.md names tests that exist."""

import re

import pytest

from tests.docs.pages import ROOT, read, rows

pytestmark = [pytest.mark.unit]


def test_every_promise_names_tests_that_exist() -> None:
    promises = rows(read("docs/promises.md"))
    assert len(promises) > 30
    for kind, promise, tests in promises:
        paths = re.findall(r"tests/[\w/]+(?:\.py)?", tests)
        assert paths, (kind, promise)
        assert not [path for path in paths if not (ROOT / path).exists()], (kind, promise)
