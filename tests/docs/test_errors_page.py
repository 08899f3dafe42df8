"""docs/errors.md lists every problem that a client can meet, with its status."""

import pytest

import koodtx.app  # noqa: F401 - imports the errors of every room
from koodtx.errors import KoodtxError, all_errors
from koodtx.web import problems
from tests.docs.pages import read, rows

pytestmark = pytest.mark.unit


def test_every_problem_is_listed_with_its_status() -> None:
    of_classes = {(error.problem, str(error.status)) for error in (KoodtxError, *all_errors())}
    of_litestar = {(problem, str(status)) for status, problem in problems._STATUS_PROBLEMS.items()}
    documented = {(problem.strip("`"), status) for problem, status, _, _ in rows(read("docs/errors.md"))}

    assert documented == of_classes | of_litestar | {("http-error", "any other")}
