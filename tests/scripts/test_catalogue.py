"""Scripts, lines and actors as users read them."""

from typing import Any

import pytest
from redis import Redis

from tests.support.aliases import Call

pytestmark = [pytest.mark.api, pytest.mark.integration]


def titles(reply: Any) -> list[str]:
    return [script["title"] for script in reply["scripts"]]


def test_script_is_read_with_its_lines(ask: Call, write: Call, script: Call) -> None:
    made = script()
    lines = [
        {"text": "아무도 안 오네.", "actor": "이정재", "start_time": 12.5, "end_time": 14.25},
        {"text": "조금만 더\n기다려 보자."},
    ]
    write("PUT", f"/scripts/{made['id']}/tokens", json={"tokens": lines})
    found = ask("GET", f"/api/scripts/{made['id']}")
    assert (found["title"], found["language"], found["line_count"]) == ("비 오는 역", "ko", 2)
    first, second = found["tokens"]
    (actor,) = ask("GET", "/api/actors/")["actors"]
    assert actor == {"id": actor["id"], "name": "이정재", "line_count": 1}
    assert first == {
        "token_id": first["token_id"], "script_id": made["id"], "line_no": 1, "text": "아무도 안 오네.",
        "actor": {"id": actor["id"], "name": "이정재"}, "start_time": 12.5, "end_time": 14.25, "has_audio": False,
        "audio_duration_s": None,
    }  # fmt: skip
    assert (second["line_no"], second["text"], second["actor"]) == (2, "조금만 더\n기다려 보자.", None)
    assert ask("GET", f"/api/tokens/{second['token_id']}") == second


def test_what_does_not_exist_is_not_found(ask: Call) -> None:
    for path in ("/api/scripts/1", "/api/tokens/1", "/api/tokens/1/audio", f"/api/scripts/{2**63 - 1}"):
        ask("GET", path, status=404)
    ask("GET", f"/api/scripts/{2**63}", status=422)


def test_search_finds_titles_descriptions_and_lines(ask: Call, script: Call) -> None:
    script("Nobody comes.", title="Rainy Station", language="en-GB")
    script("아무도 안 와.", title="비 오는 역", description="막차", language="ko-KR")
    script("100% sure_thing", title="Ärger", language="ko")
    found = {q: titles(ask("GET", "/api/scripts/", params={"q": q})) for q in _SEARCHES}
    assert found == _SEARCHES


# By what is searched for, the titles that are found: upper and lower case are the same, % and _ are themselves, and
# Korean is found whichever way its letters are composed.
_SEARCHES = {
    "rainy": ["Rainy Station"],
    "NOBODY": ["Rainy Station"],
    "막차": ["비 오는 역"],
    "안 와": ["비 오는 역"],
    "\u1107\u1175": ["비 오는 역"],
    " ": ["Rainy Station", "Ärger", "비 오는 역"],
    "%": ["Ärger"],
    "e_t": ["Ärger"],
    "e%t": [],
    "\\": [],
}


@pytest.mark.parametrize(
    ("language", "count"), [("ko", 2), ("KO", 2), ("ko-KR", 1), ("ko-kr", 1), ("k" * 2, 0), ("en", 1), ("en-US", 0)]
)
def test_a_language_finds_its_variants(ask: Call, script: Call, language: str, count: int) -> None:
    for code in ("en-GB", "ko-KR", "ko"):
        script(title=code, language=code)
    found = ask("GET", "/api/scripts/", params={"language": language})
    assert (found["total"], len(found["scripts"])) == (count, count)


def test_pages_add_up_to_all(ask: Call, script: Call) -> None:
    made = [script(title=f"title {number % 3}")["id"] for number in range(7)]
    pages = [ask("GET", "/api/scripts/", params={"limit": 3, "offset": offset}) for offset in (0, 3, 6, 9)]
    assert [page["total"] for page in pages] == [7] * 4
    assert [len(page["scripts"]) for page in pages] == [3, 3, 1, 0]
    found = [one for page in pages for one in page["scripts"]]
    assert sorted(one["id"] for one in found) == made
    assert titles({"scripts": found}) == sorted(titles({"scripts": found}))
    assert ask("GET", "/api/scripts/", params={"offset": 2**63 - 1})["scripts"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("limit=101", "limit"), ("offset=-1", "offset"), ("language=%25", "language"),
     (f"q={'a' * 201}", "q"), ("q=%00", "q")],
)  # fmt: skip
def test_wrong_query_is_refused(ask: Call, query: str, field: str) -> None:
    problem = ask("GET", f"/api/scripts/?{query}", status=422)
    assert [error["field"] for error in problem["errors"]] == [field]


def test_actors_are_searched_and_paged(ask: Call, write: Call, script: Call) -> None:
    for name in ("전도연", "이정재", "Song Kang-ho"):
        write("POST", "/actors", json={"name": name}, status=201)
    made = script()
    lines = [{"text": "하나", "actor": "이정재"}, {"text": "둘", "actor": "이정재"}, {"text": "셋", "actor": "전도연"}]
    write("PUT", f"/scripts/{made['id']}/tokens", json={"tokens": lines})
    found = ask("GET", "/api/actors/", params={"q": "KANG"})
    assert [(actor["name"], actor["line_count"]) for actor in found["actors"]] == [("Song Kang-ho", 0)]
    assert found["total"] == 1
    everybody = [ask("GET", "/api/actors/", params={"limit": 1, "offset": place})["actors"][0] for place in range(3)]
    assert {actor["name"]: actor["line_count"] for actor in everybody} == {"Song Kang-ho": 0, "이정재": 2, "전도연": 1}


def test_views_are_counted_and_make_a_script_popular(ask: Call, script: Call) -> None:
    made = [script(title=f"script {number}")["id"] for number in range(11)]
    for times, script_id in enumerate(made):
        for _ in range(times):
            ask("GET", f"/api/scripts/{script_id}")
    popular = ask("GET", "/api/scripts/popular")["scripts"]
    assert [one["id"] for one in popular] == made[:0:-1]
    assert [one["view_count"] for one in popular] == list(range(10, 0, -1))


def test_popular_scripts_are_cached_for_an_hour(ask: Call, script: Call, redis_url: str) -> None:
    made = script()["id"]
    before = ask("GET", "/api/scripts/popular")
    ask("GET", f"/api/scripts/{made}")
    assert ask("GET", "/api/scripts/popular") == before
    with Redis.from_url(redis_url) as redis:
        (key,) = [key for key in redis.scan_iter() if key.endswith(b"popular-scripts")]
        assert 3500 < redis.ttl(key) <= 3600
        redis.delete(key)
    assert ask("GET", "/api/scripts/popular")["scripts"][0]["view_count"] == 1


@pytest.mark.parametrize("redis_url", ["", "redis://127.0.0.1:1/0"], ids=["without Redis", "Redis is away"])
def test_popular_scripts_need_no_redis(ask: Call, script: Call) -> None:
    made = script()["id"]
    for views in range(2):
        assert [one["view_count"] for one in ask("GET", "/api/scripts/popular")["scripts"]] == [views]
        ask("GET", f"/api/scripts/{made}")
