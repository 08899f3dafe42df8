"""docs/practice.md, section "Try it": `koodtx up` with the scorer, and the commands as written."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.docs.pages import ROOT, blocks, read
from tests.faults.stack import running_stack

pytestmark = [pytest.mark.integration, pytest.mark.api, pytest.mark.long]


def test_from_an_import_to_my_page() -> None:
    section = read("docs/practice.md").partition("\n## Try it\n")[2].partition("\n## ")[0]
    (commands,) = [text for language, text in blocks(section) if language == "sh"]
    with running_stack() as stack:
        # Where a reader stands: in the source tree, with the data beside it.
        (stack.folder / ".koodtx").symlink_to(stack.data_dir)
        (stack.folder / "examples").symlink_to(ROOT / "examples")
        script = commands.replace("http://127.0.0.1:5000", stack.url).replace("curl -s", "curl --fail-with-body -s")
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", f'koodtx() {{ "{sys.executable}" -m koodtx "$@"; }}\n{script}'],
            cwd=stack.folder,
            env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    print(done.stdout)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert "digits: 2 lines, 2 new audio files" in done.stdout
    events = [json.loads(text) for text in re.findall(r"^data: (.*)$", done.stdout, re.MULTILINE)]
    assert (events[0]["type"], events[-1]["type"]) == ("connected", "completed")
    result, overview = _objects(done.stdout, "detailed_feedback")[-1], _objects(done.stdout, "progress")[-1]
    assert result["status"] == "completed"
    scores = [result[f"{name}_score"] for name in ("pronunciation", "intonation", "emotion", "overall")]
    # The same word by another speaker: docs/scorer.md has what is usual.
    assert all(0 <= score <= 100 for score in scores)
    assert result["pronunciation_score"] > 20
    assert overview["bookmark_count"] == 1


def _objects(text: str, field: str) -> list[dict[str, object]]:
    """The JSON objects of a text that have this field, one after the other."""
    decoder, found, place = json.JSONDecoder(), [], 0
    while (place := text.find("{", place)) >= 0:
        value, place = decoder.raw_decode(text, place)
        if field in value:
            found.append(value)
    return found
