"""docs/analysts.md: an analyst asks all of its questions, and gets the answers that the page shows.

KOODTX_WRITE_ANSWERS=1 writes what is answered into the page instead: read its diff.
"""

import os
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.docs.answers import PAGE, Ask, Question, alike, answered, questions, shown
from tests.docs.pages import ROOT, blocks, read

pytestmark = [pytest.mark.integration]

_TEXT = read(PAGE)
_QUESTIONS = questions(_TEXT)
_OUTLIVING = questions(_TEXT.partition("\n# Questions about readings\n")[0])

_BYTES_A_READING = """
    select sum(pg_total_relation_size(c))::float / (select count(*) from app.sensor_data)
    from (
        select 'app.sensor_data'::regclass union all
        select inhrelid from pg_inherits where inhparent = 'app.sensor_data'::regclass
    ) as t (c)
"""


@pytest.fixture
def ask(analysts_url: str) -> Iterator[Ask]:
    """Answers as an analyst gets them, times in UTC."""
    with psycopg.connect(analysts_url, autocommit=True) as connection:
        yield _asker(connection)


def _asker(connection: psycopg.Connection[Any]) -> Ask:
    def ask(sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        cursor = connection.execute(sql)  # type: ignore[call-overload]
        return [column.name for column in cursor.description or ()], cursor.fetchall()

    return ask


if "KOODTX_WRITE_ANSWERS" in os.environ:

    def test_write_answers(ask: Ask) -> None:
        (ROOT / PAGE).write_text(answered(_TEXT, ask))


def test_the_page_asks_many_questions() -> None:
    assert len({question.heading for question in _QUESTIONS}) >= 20
    assert len(_OUTLIVING) >= 15


@pytest.mark.parametrize("question", _QUESTIONS, ids=lambda question: question.heading)
def test_an_analyst_gets_the_answer_that_is_shown(ask: Ask, question: Question) -> None:
    answer = shown(ask, question.sql)

    assert len(answer) > 1, "an empty answer explains nothing"
    assert alike(question.answer, answer), answer


def test_the_login_of_the_page_reads_analytics_and_nothing_else(recordings: str, server: str) -> None:
    statements = next(text for _, text in blocks(_TEXT) if "create role ada" in text)
    name = f"ada_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        for statement in statements.replace("ada", name).replace("'...'", "'secret'").splitlines():
            admin.execute(statement)  # type: ignore[call-overload]
        try:
            url = make_conninfo(recordings, user=name, password="secret")
            with psycopg.connect(url, autocommit=True) as connection:
                assert connection.execute("show statement_timeout").fetchone() == ("1min",)
                assert connection.execute("select count(*) from analytics.sessions").fetchone() == (5,)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute("select from app.sensor_data")
        finally:
            admin.execute(f"drop role {name}")  # type: ignore[call-overload]


def test_answers_of_sessions_and_rollups_outlive_the_readings(recordings: str) -> None:
    with psycopg.connect(recordings, options="-c timezone=UTC") as connection:
        connection.execute("select app.archive_readings(s.id) from app.recording_sessions as s")
        assert connection.execute("select from app.sensor_data").fetchall() == []
        connection.execute("set local role koodtx_analyst")
        for question in _OUTLIVING:
            assert alike(question.answer, shown(_asker(connection), question.sql)), question.heading
        connection.rollback()


def test_answers_of_sessions_and_rollups_are_those_after_a_refresh(recordings: str, ask: Ask) -> None:
    with psycopg.connect(recordings, autocommit=True) as owner:
        if owner.execute("select app.edition()").fetchone() != ("community",):
            pytest.skip("this server has no continuous aggregates")
        for level in ("minute", "hour"):
            owner.execute(f"call refresh_continuous_aggregate('app.{level}_partials', null, null)")  # type: ignore[call-overload]
    for question in _OUTLIVING:
        assert alike(question.answer, shown(ask, question.sql)), question.heading


def test_a_reading_takes_as_many_bytes_as_the_page_says(recordings: str) -> None:
    (documented,) = re.findall(r"about (\d+) bytes per reading", _TEXT)
    with psycopg.connect(recordings) as owner:
        row = owner.execute(_BYTES_A_READING).fetchone()

    assert row is not None
    assert row[0] == pytest.approx(float(documented), rel=0.15)


def test_a_wrong_answer_is_noticed(ask: Ask) -> None:
    question = next(question for question in _QUESTIONS if "session_distance" in question.sql)
    head, row = question.answer
    longer = str(float(row[1]) * 1.00001)

    assert not alike([head, [row[0], longer, *row[2:]]], shown(ask, question.sql))
    assert not alike([head, row, row], shown(ask, question.sql))
