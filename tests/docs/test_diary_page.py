"""docs/diary.md: its commands are run in their order, against a service, as written."""

import httpx
import pytest

from tests.docs.pages import blocks, read
from tests.docs.test_sharing_page import run
from tests.support.requests import register

pytestmark = [pytest.mark.api, pytest.mark.integration]


def test_every_command_succeeds(url: str) -> None:
    with httpx.Client(base_url=url, timeout=30) as http:
        env = {"URL": url, "AUTH": f"Authorization: Bearer {register(http, 'mina')['access_token']}"}
    commands = [
        line for language, text in blocks(read("docs/diary.md")) if language == "sh" for line in text.splitlines()
    ]
    replies = []
    for command in commands:
        replies.append(run(command, env))
        env |= {"CURSOR": replies[-1]["cursor"]} if replies[-1] and "cursor" in replies[-1] else {}
    assert len(replies) == 8
    assert [record["what"] for record in replies[2]["records"]] == ["비빔밥"]
    assert [record["what"] for record in replies[6]["records"]] == ["김밥"]
    assert (replies[7]["records"], replies[7]["deleted"]) == ([], [])
