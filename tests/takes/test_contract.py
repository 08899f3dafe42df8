"""docs/analysis-server.md: its OpenAPI document, its signed examples, its tables."""

import json
import os
import subprocess
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import jsonschema_rs
import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import validate
from standardwebhooks import Webhook

from koodtx.takes.messages import AnalysisReport, TakeSubmission
from koodtx.webhooks.signature import read_secret, verify
from tests.docs.pages import blocks, read
from tests.support.settings import ANALYSIS_SECRET

pytestmark = [pytest.mark.unit]

PAGE = "docs/analysis-server.md"
NUMBER = st.floats(0, 100)


class Example(NamedTuple):
    """A request of the page, as it goes over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def examples() -> list[Example]:
    found = []
    for language, text in blocks(read(PAGE)):
        if language == "http":
            head, _, body = text.rstrip("\n").partition("\n\n")
            first, *lines = head.split("\n")
            method, path, _ = first.split(" ")
            headers = dict(line.split(": ", 1) for line in lines)
            found.append(Example(method, path, headers, body.encode()))
    return found


def document() -> Any:
    (text,) = [text for language, text in blocks(read(PAGE)) if language == "yaml"]
    return yaml.safe_load(text)


def validator(name: str) -> Any:
    whole = document()
    return jsonschema_rs.Draft202012Validator(
        whole["components"]["schemas"][name] | {"components": whole["components"]}
    )


def test_document_is_valid() -> None:
    validate(document())


def test_signatures_of_the_examples_are_right() -> None:
    """By our code and by the reference implementation."""
    assert ANALYSIS_SECRET in read(PAGE)
    found = examples()
    assert [(one.method, bool(one.body)) for one in found] == [("POST", True), ("POST", True), ("GET", False)]
    for one in found:
        sent_at = int(one.headers["webhook-timestamp"])
        verify([read_secret(ANALYSIS_SECRET)], one.headers, one.body, now=sent_at + 10)
        expected = Webhook(ANALYSIS_SECRET).sign(
            one.headers["webhook-id"], datetime.fromtimestamp(sent_at, UTC), one.body.decode()
        )
        assert one.headers["webhook-signature"] == expected


def test_examples_fit_the_document_and_the_service() -> None:
    request, report, poll = examples()
    validator("Analysis").validate(json.loads(request.body))
    validator("Report").validate(json.loads(report.body))
    sent = msgspec.json.decode(request.body, type=TakeSubmission, strict=True)
    assert msgspec.json.decode(report.body, type=AnalysisReport).job_id == sent.job_id
    assert sent.webhook_url.endswith(report.path)
    assert request.headers["webhook-id"] == f"{sent.job_id}.1"
    assert poll.path == f"{request.path}/{sent.job_id}"


def test_what_is_sent_fits_the_document() -> None:
    request = TakeSubmission(
        job_id=uuid4(),
        text="일곱",
        language="ko",
        reference_audio_url="https://a/b",
        take_audio_url="https://a/c",
        urls_expire_at=datetime.now(UTC),
        webhook_url="https://a/d",
    )
    sent = json.loads(msgspec.json.encode(request))
    validator("Analysis").validate(sent)
    assert set(sent) == set(document()["components"]["schemas"]["Analysis"]["required"])


@given(
    status=st.sampled_from(["processing", "completed", "failed", "done"]),
    scores=st.one_of(st.none(), st.fixed_dictionaries(
        {"pronunciation_score": NUMBER, "intonation_score": NUMBER | st.just(101)},
        optional={"emotion_score": NUMBER, "overall_score": NUMBER | st.none(), "detailed_feedback": st.one_of(
            st.none(), st.text(max_size=5), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
            st.lists(st.integers(), max_size=1))},
    )),
    progress=st.one_of(st.none(), NUMBER, st.just(-1)),
    error=st.one_of(st.none(), st.from_regex(r"\A[a-z가-힣 ]{0,9}\Z")),
)  # fmt: skip
def test_service_accepts_what_fits_the_document(status: str, scores: Any, progress: Any, error: Any) -> None:
    report = {"job_id": str(uuid4()), "status": status, "result": scores, "progress": progress, "error": error}
    try:
        msgspec.json.decode(json.dumps(report), type=AnalysisReport)
        is_accepted = True
    except msgspec.ValidationError:
        is_accepted = False
    assert is_accepted == validator("Report").is_valid(report)


def test_shell_commands_make_the_signature() -> None:
    (script,) = [text for language, text in blocks(read(PAGE)) if language == "sh"]
    report = examples()[1]
    given = {
        "SECRET": ANALYSIS_SECRET,
        "ID": report.headers["webhook-id"],
        "TIMESTAMP": report.headers["webhook-timestamp"],
        "BODY": report.body.decode(),
    }
    done = subprocess.run(["bash", "-euc", script], env=os.environ | given, capture_output=True, text=True, check=True)
    assert f"v1,{done.stdout.strip()}" == report.headers["webhook-signature"]
