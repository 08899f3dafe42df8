"""What the README tells people to paste, pasted."""

import json
import subprocess
from typing import Any

import pytest

from tests.docs.pages import blocks, headings, read

pytestmark = [pytest.mark.integration, pytest.mark.smoke]

_MARK = "next block"


def test_the_curl_examples_work_as_written(url: str) -> None:
    register, log_in, push, pull = (text for language, text in blocks(read("README.md")) if "curl" in text)

    registered, logged_in, pushed, again, pulled = _paste(url, [register, log_in, push, push, pull])

    assert registered["user"]["username"] == "mina"
    assert logged_in is None
    assert (pushed["inserted"], pushed["total_records"]) == (2, 2)
    assert again == pushed | {"replayed": True}
    sent = json.loads(push[push.index("-d '") + 4 : push.rindex("'")])
    assert pulled["sessions"][0]["sensor_data"] == sent["sensor_data"]


def test_the_readme_is_short() -> None:
    assert len(read("README.md").splitlines()) <= 120


def test_the_korean_readme_has_the_same_parts_and_examples() -> None:
    english, korean = read("README.md"), read("README.ko.md")

    assert blocks(korean) == blocks(english)
    assert [heading.split()[0] for heading in headings(korean)] == [heading.split()[0] for heading in headings(english)]


def _paste(url: str, texts: list[str]) -> list[Any]:
    """What each text prints as JSON, in one shell; only the server's address is another."""
    script = f"echo '{_MARK}'\n".join(text.replace("localhost:5000", url.removeprefix("http://")) for text in texts)
    shell = subprocess.run(["bash", "-eu"], input=script, capture_output=True, text=True, timeout=60, check=True)
    outputs = shell.stdout.split(_MARK)
    return [json.loads(output) if output.strip() else None for output in outputs]
