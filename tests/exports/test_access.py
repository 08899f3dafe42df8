"""Who may download what, how much at once, and under which name."""

import sys
import time
from typing import Any
from urllib.parse import unquote

import pytest

from koodtx.file_names import unique_names
from koodtx.settings import Settings
from tests.exports.conftest import Download, csv_readings
from tests.support.aliases import Client, CreateSession, CreateUser, Db
from tests.support.readings import reading
from tests.support.settings import make_settings

pytestmark = [pytest.mark.api, pytest.mark.auth]


class TestAccess:
    @pytest.mark.parametrize("path", ["/api/sessions/walk/download", "/api/sessions/no%2Fne/download"])
    def test_of_a_stranger_and_of_nobody_there_is_none(
        self, create_session: CreateSession, create_user: CreateUser, client: Client, path: str
    ) -> None:
        create_session([reading()], session_id="walk")
        stranger = create_user("stranger")

        assert client.get(path, headers=stranger["headers"]).status_code == 404
        assert client.get(path).status_code == 401

    def test_of_a_deleted_session_there_is_none(
        self, create_session: CreateSession, client: Client, auth_headers: dict[str, str], download: Download
    ) -> None:
        create_session([reading()], session_id="walk")
        client.delete("/api/sessions/walk", headers=auth_headers)

        download("walk", status=404)

    @pytest.mark.parametrize("file_format", ["xlsx", "CSV", "", "csv%00"])
    def test_an_unknown_format_is_named(self, recording_session: Any, download: Download, file_format: str) -> None:
        reply = download("session-1", file_format, status=400)

        assert reply.json()["type"] == "urn:koodtx:problem:unknown-format"
        assert "csv, json, zip, parquet, gpx" in reply.json()["detail"]


class TestNames:
    @pytest.mark.parametrize(
        ("session_id", "name", "ascii_name"),
        [
            ("walk", "walk.csv", "walk.csv"),
            ("아침 산책", "아침_산책.csv", "download.csv"),
            ("걷기-1호", "걷기-1호.csv", "1.csv"),
            ("../../etc/passwd", "etc_passwd.csv", "etc_passwd.csv"),
            ('a"b\r\nSet-Cookie: c', "a_b_Set-Cookie_c.csv", "a_b_Set-Cookie_c.csv"),
            ("\u202egnp.exe", "gnp.exe.csv", "gnp.exe.csv"),
            ("con", "_con.csv", "_con.csv"),
            ("...", "session.csv", "session.csv"),
            ("🚶", "session.csv", "session.csv"),
            ("가" * 64, "가" * 46 + ".csv", "download.csv"),
        ],
    )
    def test_files_have_the_name_of_the_session(
        self,
        create_session: CreateSession,
        client: Client,
        auth_headers: dict[str, str],
        session_id: str,
        name: str,
        ascii_name: str,
    ) -> None:
        create_session([reading()], session_id=session_id)
        path = "".join(f"%{byte:02X}" for byte in session_id.encode())

        reply = client.get(f"/api/sessions/{path}/download?format=csv", headers=auth_headers)

        assert reply.status_code == 200, reply.text
        header = reply.headers["content-disposition"]
        plain, _, encoded = header.partition("; filename*=UTF-8''")
        assert unquote(encoded) == name
        assert plain.startswith('attachment; filename="')
        assert header.isascii()
        assert plain.removeprefix('attachment; filename="').rstrip('"') == ascii_name
        assert header.count('"') == 2
        assert len(name) <= 50

    def test_names_that_differ_only_in_what_is_left_out_are_numbered(self) -> None:
        texts = ["🚶", "🏃", "?", "걷기", "걷기!", "Gait", "gait", "gait-2"]

        names = unique_names(texts, "csv", "sensor")

        assert names == [
            "sensor.csv", "sensor-2.csv", "sensor-3.csv", "걷기.csv", "걷기-2.csv", "Gait.csv", "gait-2.csv",
            "gait-2-2.csv",
        ]  # fmt: skip

    @pytest.mark.parametrize("start", ["", "a" * 64])
    def test_a_thousand_of_them_do_not_hold_up_the_server(self, start: str) -> None:
        texts = [start + chr(0x1F300 + number) for number in range(1000)]
        started = time.process_time()

        names = unique_names(texts, "csv", "sensor")

        assert len({name.casefold() for name in names}) == 1000
        # Each was compared with all before it: 5 s.
        assert time.process_time() - started < 1


class TestLimits:
    @pytest.fixture
    def settings(self, database_url: str, redis_url: str) -> Settings:
        return make_settings(database_url, redis_url=redis_url, download_max_readings=99)

    def test_too_many_readings_are_for_a_job(
        self, recording_session: Any, create_session: CreateSession, download: Download, db: Db
    ) -> None:
        create_session([reading()], session_id="short")

        reply = download("session-1", "csv", status=413)

        assert "POST /api/v1/exports" in reply.json()["detail"]
        assert len(csv_readings(download("short").content)) == 1
        db.execute("select app.archive_readings(id) from app.recording_sessions where session_id = 'session-1'")
        # What is archived is small.
        assert download("session-1", "csv").status_code == 200


class TestServer:
    def test_one_without_the_library_says_which_extra_is_missing(
        self, recording_session: Any, download: Download, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "pyarrow", None)

        reply = download("session-1", "parquet", status=400)

        assert reply.json()["type"] == "urn:koodtx:problem:format-not-installed"
        assert "koodtx[archive]" in reply.json()["detail"]
        assert download("session-1", "csv").status_code == 200
