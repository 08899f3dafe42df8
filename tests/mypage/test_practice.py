"""Dubbed lines and the overview: counts, best and latest takes, means, local days."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.aliases import Call, Client, CreateUser, Db, Document

pytestmark = [pytest.mark.api, pytest.mark.integration]

NOTHING = {"pronunciation_score": None, "intonation_score": None, "emotion_score": None, "overall_score": None}


def test_without_takes_my_page_is_empty(ask: Call) -> None:
    assert ask("GET", "/my-dubbed-tokens") == {"tokens": [], "total": 0}
    assert ask("GET", "/overview") == {
        "timezone": "UTC", "bookmark_count": 0, "take_count": 0, "processing_count": 0, "completed_count": 0,
        "failed_count": 0, "token_count": 0, "script_count": 0, "recorded_s": 0, "first_take_at": None,
        "last_take_at": None, "means": NOTHING, "best_overall_score": None, "progress": [],
    }  # fmt: skip


def test_each_dubbed_line_has_its_latest_and_best_take(ask: Call, take: Call, tokens: list[int]) -> None:
    first = take(tokens[0], (80, 70, 60, 70), at="2026-03-01T10:00Z")
    best = take(tokens[0], (90, 90, 75, 85), at="2026-03-01T11:00Z")
    take(tokens[0], (91, 89, 75, 85), at="2026-03-01T12:00Z")
    failed = take(tokens[0], "too short", at="2026-03-01T13:00Z")
    waiting = take(tokens[1], at="2026-03-01T14:00Z")
    found = ask("GET", "/my-dubbed-tokens")
    assert found["total"] == 2
    second, line = found["tokens"]
    assert second == {
        "token": second["token"], "take_count": 1, "completed_count": 0, "failed_count": 0,
        "last_take": {
            "job_id": str(waiting), "status": "processing", "created_at": "2026-03-01T14:00:00Z", "duration_s": 1.5,
            "error": None,
        } | NOTHING,
        "best_take": None,
    }  # fmt: skip
    assert (second["token"]["token_id"], second["token"]["script_title"]) == (tokens[1], "비 오는 역")
    assert (line["take_count"], line["completed_count"], line["failed_count"]) == (4, 3, 1)
    assert (line["last_take"]["job_id"], line["last_take"]["error"]) == (str(failed), "too short")
    # The first that reached the score.
    assert (line["best_take"]["job_id"], line["best_take"]["overall_score"]) == (str(best), 85)
    assert line["best_take"]["pronunciation_score"] == 90
    assert str(first) not in str(found)


def test_dubbed_lines_are_paged_and_of_their_user(
    ask: Call, take: Call, tokens: list[int], create_user: CreateUser
) -> None:
    other = create_user("joon")
    for hour, token_id in enumerate(tokens):
        take(token_id, at=f"2026-03-01T1{hour}:00Z")
    take(tokens[0], at="2026-03-01T20:00Z", user_id=other["user"]["id"])
    pages = [ask("GET", "/my-dubbed-tokens", params={"limit": 2, "offset": offset}) for offset in (0, 2, 4, 6)]
    assert [page["total"] for page in pages] == [5] * 4
    assert [one["token"]["token_id"] for page in pages for one in page["tokens"]] == tokens[::-1]
    assert ask("GET", "/my-dubbed-tokens", headers=other["headers"])["total"] == 1
    assert ask("GET", "/overview", headers=other["headers"])["take_count"] == 1


def test_overview_counts_and_means(ask: Call, take: Call, tokens: list[int]) -> None:
    ask("POST", "/bookmarks/", json={"token_id": tokens[0]}, status=201)
    take(tokens[0], (80, 70, 60, 70), at="2026-03-01T10:00Z")
    take(tokens[0], (90, 80, 61, 77), at="2026-03-02T10:00Z")
    take(tokens[1], "too short", at="2026-03-02T11:00Z")
    take(tokens[4], at="2026-03-02T12:00Z")
    assert ask("GET", "/overview") == {
        "timezone": "UTC", "bookmark_count": 1, "take_count": 4, "processing_count": 1, "completed_count": 2,
        "failed_count": 1, "token_count": 3, "script_count": 2, "recorded_s": 6,
        "first_take_at": "2026-03-01T10:00:00Z", "last_take_at": "2026-03-02T12:00:00Z",
        "means": {"pronunciation_score": 85, "intonation_score": 75, "emotion_score": 60.5, "overall_score": 73.5},
        "best_overall_score": 77, "progress": [],
    }  # fmt: skip


@pytest.mark.parametrize("days", ["0", "367", "a"])
def test_wrong_number_of_days_is_refused(ask: Call, days: str) -> None:
    problem = ask("GET", f"/overview?days={days}", status=422)
    assert [error["field"] for error in problem["errors"]] == ["days"]


_TAKES = st.lists(
    st.tuples(st.integers(0, 5 * 24 * 60), st.none() | st.integers(0, 100)), min_size=1, max_size=12
)  # fmt: skip


@given(takes=_TAKES, zone=st.sampled_from(["Asia/Seoul", "Pacific/Apia", "America/New_York"]), days=st.integers(1, 6))
def test_progress_is_by_days_of_the_user(
    client: Client, user: Document, ask: Call, take: Call, db: Db, tokens: list[int],
    takes: list[tuple[int, int | None]], zone: str, days: int,
) -> None:  # fmt: skip
    """Against the same computed by Python: takes of the last five days, some of which have completed."""
    db.execute("delete from app.takes")
    client.patch("/api/auth/me", json={"timezone": zone}, headers=user["headers"]).raise_for_status()
    now = datetime.now(UTC)
    by_day: defaultdict[date, list[int | None]] = defaultdict(list)
    for minutes, score in takes:
        at = now - timedelta(minutes=minutes)
        take(tokens[0], None if score is None else (score, score, 50, score), at=at.isoformat())
        by_day[at.astimezone(ZoneInfo(zone)).date()].append(score)
    first = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=days - 1)
    expected = [_day(day, scores) for day, scores in sorted(by_day.items()) if day >= first]
    assert ask("GET", "/overview", params={"days": days})["progress"] == expected


def _day(day: date, scores: list[int | None]) -> dict[str, Any]:
    known = [score for score in scores if score is not None]
    mean = pytest.approx(sum(known) / len(known)) if known else None
    return {
        "date": day.isoformat(), "take_count": len(scores), "completed_count": len(known),
        "means": {
            "pronunciation_score": mean, "intonation_score": mean, "emotion_score": 50 if known else None,
            "overall_score": mean,
        },
        "best_overall_score": max(known, default=None),
    }  # fmt: skip
