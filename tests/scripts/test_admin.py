"""Administrators write the catalogue: what is kept, what is refused, and why."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.errors import Invalid
from koodtx.scripts.lines import GivenLine, KnownLine, matched
from tests.support.aliases import Call, Client, Db

pytestmark = [pytest.mark.api, pytest.mark.integration]


def ids(script: Any) -> dict[str, int]:
    return {token["text"]: token["token_id"] for token in script["tokens"]}


def fields(problem: Any) -> list[str]:
    return [error["field"] for error in problem["errors"]]


def test_users_cannot_write(client: Client, auth_headers: dict[str, str], script: Call) -> None:
    made = script("하나")
    token_id = made["tokens"][0]["token_id"]
    for method, path in [
        ("POST", "scripts"), ("PATCH", f"scripts/{made['id']}"), ("DELETE", f"scripts/{made['id']}"),
        ("PUT", f"scripts/{made['id']}/tokens"), ("PUT", f"tokens/{token_id}/audio"), ("POST", "actors"),
        ("PATCH", "actors/1"), ("DELETE", "actors/1"),
    ]:  # fmt: skip
        reply = client.request(method, f"/api/admin/{path}", json={"title": "a"}, headers=auth_headers)
        assert reply.status_code == 403, (method, path)


def test_script_is_edited_field_by_field(write: Call, script: Call) -> None:
    made = script("하나", description="하나", source_id="one")
    edited = write("PATCH", f"/scripts/{made['id']}", json={"title": " 새  제목 "})
    assert edited == made | {"title": "새 제목", "updated_at": edited["updated_at"]}
    edited = write("PATCH", f"/scripts/{made['id']}", json={"description": "", "language": "en"})
    assert (edited["title"], edited["description"], edited["language"]) == ("새 제목", "", "en")
    write("PATCH", "/scripts/999", json={"title": "a"}, status=404)


@pytest.mark.parametrize(
    ("body", "field"),
    [({"title": " ", "language": "ko"}, "title"), ({"title": "", "language": "ko"}, "title"),
     ({"title": "a" * 201, "language": "ko"}, "title"), ({"title": "a\nb", "language": "ko"}, "title"),
     # Composed, this letter becomes two.
     ({"title": "\u0958" * 200, "language": "ko"}, "title"),
     ({"title": "a", "language": "korean language"}, "language"),
     ({"title": "a", "language": "ko\n"}, "language"), ({"title": "a"}, "language"),
     ({"title": "a", "language": "ko", "description": "\0"}, "description"),
     ({"title": "a", "language": "ko", "description": "a" * 5001}, "description"),
     ({"title": "a", "language": "ko", "lines": []}, "lines")],
)  # fmt: skip
def test_wrong_script_is_refused_by_its_field(write: Call, body: Any, field: str) -> None:
    assert fields(write("POST", "/scripts", json=body, status=422)) == [field]


def test_source_id_is_of_one_script(write: Call, script: Call) -> None:
    script(source_id="one")
    body = {"title": "a", "language": "ko", "source_id": "one"}
    problem = write("POST", "/scripts", json=body, status=409)
    assert (problem["type"], fields(problem)) == ("urn:koodtx:problem:script-exists", ["source_id"])


def test_lines_keep_their_ids(write: Call, script: Call) -> None:
    made = script("하나", "둘", "둘", "셋")
    one, two, second_two, three = [token["token_id"] for token in made["tokens"]]
    new = [{"text": "셋"}, {"text": "둘"}, {"text": "넷"}, {"text": "하나", "token_id": one}, {"text": "둘"}]
    changed = write("PUT", f"/scripts/{made['id']}/tokens", json={"tokens": new})
    found = [(token["text"], token["token_id"]) for token in changed["tokens"]]
    assert found[:2] == [("셋", three), ("둘", two)]
    assert found[3:] == [("하나", one), ("둘", second_two)]
    assert found[2][1] not in (one, two, second_two, three)
    assert [token["line_no"] for token in changed["tokens"]] == [1, 2, 3, 4, 5]
    # The text at its place was edited.
    new[2]["text"] = "다섯"
    again = write("PUT", f"/scripts/{made['id']}/tokens", json={"tokens": new})
    assert [token["token_id"] for token in again["tokens"]] == [token_id for _, token_id in found]


def test_lines_of_takes_are_not_deleted(ask: Call, write: Call, script: Call, take: Call) -> None:
    made = script("하나", "둘", "셋")
    for _ in range(2):
        take(ids(made)["둘"])
    problem = write("PUT", f"/scripts/{made['id']}/tokens", json={"tokens": [{"text": "하나"}]}, status=409)
    assert problem["type"] == "urn:koodtx:problem:script-in-use"
    assert problem["detail"].endswith(": 2")
    assert ask("GET", f"/api/scripts/{made['id']}")["tokens"] == made["tokens"]
    problem = write("DELETE", f"/scripts/{made['id']}", status=409)
    assert problem["detail"].endswith(": 2")
    kept = write("PUT", f"/scripts/{made['id']}/tokens", json={"tokens": [{"text": "둘"}]})
    assert ids(kept) == {"둘": ids(made)["둘"]}


def test_script_is_deleted_with_its_lines_and_bookmarks(
    ask: Call, write: Call, script: Call, db: Db, client: Client, auth_headers: dict[str, str]
) -> None:
    made = script("하나")
    ask("POST", "/api/mypage/bookmarks/", json={"token_id": ids(made)["하나"]}, status=201)
    write("DELETE", f"/scripts/{made['id']}", status=204)
    write("DELETE", f"/scripts/{made['id']}", status=404)
    ask("GET", f"/api/scripts/{made['id']}", status=404)
    ask("GET", f"/api/tokens/{ids(made)['하나']}", status=404)
    assert ask("GET", "/api/mypage/bookmarks/") == {"bookmarks": [], "total": 0}


@pytest.mark.parametrize(
    ("line", "field"),
    [({}, "text"), ({"text": " \n"}, "text"), ({"text": "a" * 2001}, "text"), ({"text": "a", "actor": " "}, "actor"),
     ({"text": "a", "start_time": -1}, "start_time"), ({"text": "a", "end_time": 1}, "end_time"),
     ({"text": "a", "start_time": 2, "end_time": 2}, "end_time"), ({"text": "a", "start_time": 1e300}, "start_time"),
     ({"text": "a", "token_id": 999}, "token_id"), ({"text": "a", "token_id": 0}, "token_id"),
     ({"text": "a", "actor_id": 1}, "actor_id")],
)  # fmt: skip
def test_wrong_line_is_refused_by_its_field(ask: Call, write: Call, script: Call, line: Any, field: str) -> None:
    made = script("하나")
    body = {"tokens": [{"text": "하나"}, line]}
    problem = write("PUT", f"/scripts/{made['id']}/tokens", json=body, status=422)
    assert fields(problem) == [f"tokens[1].{field}"]
    assert ask("GET", f"/api/scripts/{made['id']}")["tokens"] == made["tokens"]


def test_a_line_of_another_script_is_refused(write: Call, script: Call) -> None:
    other, made = script("하나"), script("둘")
    body = {"tokens": [{"text": "셋", "token_id": ids(other)["하나"]}]}
    problem = write("PUT", f"/scripts/{made['id']}/tokens", json=body, status=422)
    assert fields(problem) == ["tokens[0].token_id"]
    twice = {"tokens": [{"text": "셋", "token_id": ids(made)["둘"]}] * 2}
    assert fields(write("PUT", f"/scripts/{made['id']}/tokens", json=twice, status=422)) == ["tokens[1].token_id"]
    write("PUT", "/scripts/999/tokens", json={"tokens": []}, status=404)


def test_actors_are_written(ask: Call, write: Call, script: Call) -> None:
    actor = write("POST", "/actors", json={"name": " 전도연 "}, status=201)
    assert actor["name"] == "전도연"
    # The same name, typed on another system.
    same = {"name": unicodedata.normalize("NFD", "전도연")}
    assert write("POST", "/actors", json=same, status=409)["type"] == "urn:koodtx:problem:actor-exists"
    other = write("POST", "/actors", json={"name": "이정재"}, status=201)
    assert fields(write("PATCH", f"/actors/{other['id']}", json=same, status=409)) == ["name"]
    assert write("PATCH", f"/actors/{other['id']}", json={"name": "송강호"}) == other | {"name": "송강호"}
    made = script()
    body = {"tokens": [{"text": "하나", "actor": "전도연"}, {"text": "둘", "actor": "송강호"}]}
    changed = write("PUT", f"/scripts/{made['id']}/tokens", json=body)
    assert [token["actor"] for token in changed["tokens"]] == [actor, other | {"name": "송강호"}]
    problem = write("DELETE", f"/actors/{actor['id']}", status=409)
    assert (problem["type"], problem["detail"][-3:]) == ("urn:koodtx:problem:actor-in-use", ": 1")
    write("DELETE", f"/scripts/{made['id']}", status=204)
    for status in (204, 404):
        write("DELETE", f"/actors/{actor['id']}", status=status)
    write("PATCH", f"/actors/{actor['id']}", json={"name": "a"}, status=404)
    assert [one["name"] for one in ask("GET", "/api/actors/")["actors"]] == ["송강호"]


_TEXTS = st.lists(st.sampled_from("abcd"), max_size=8)


@given(_TEXTS, _TEXTS)
def test_each_line_is_matched_once(old: list[str], new: list[str]) -> None:
    known = [KnownLine(100 + place, place, text) for place, text in enumerate(old, 1)]
    found = matched(known, [GivenLine(None, text) for text in new], "tokens")
    matches = [line_id for line_id in found if line_id is not None]
    assert len(matches) == len(set(matches))
    texts = {line.id: line.text for line in known}
    for text in set("abcd"):
        same = sum(texts.get(line_id) == text == there for line_id, there in zip(found, new, strict=True) if line_id)
        assert same == min(old.count(text), new.count(text))


@given(_TEXTS, st.randoms(use_true_random=False))
def test_lines_that_name_their_ids_are_these(old: list[str], random: Any) -> None:
    known = [KnownLine(100 + place, place, text) for place, text in enumerate(old, 1)]
    order = random.sample(known, len(known))
    given_lines = [GivenLine(line.id, "edited") for line in order]
    assert matched(known, given_lines, "tokens") == [line.id for line in order]
    with pytest.raises(Invalid):
        matched(known, [GivenLine(99, "a")], "tokens")
