"""Which pg_dump and pg_restore are used."""

import os
from pathlib import Path

import pytest

from koodtx.backup.errors import BackupError
from koodtx.backup.programs import Programs, connection_arguments
from koodtx.embedded.choose import POSTGRES_KINDS, find_postgres
from koodtx.embedded.errors import EmbeddedError

pytestmark = [pytest.mark.unit]


def install(folder: Path, version: str) -> Path:
    """Programs that say which version they are; returns the folder."""
    folder.mkdir()
    for name in ("pg_dump", "pg_restore"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    return folder


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose folders, first on PATH, hold programs of versions to come."""
    folders = [
        install(tmp_path / "first", "91.4"),
        install(tmp_path / "second", "90.1 (Debian 90.1-1)"),
        tmp_path / "missing",
        install(tmp_path / "third", "90.9"),
    ]
    monkeypatch.setenv("PATH", ":".join([*map(str, folders), os.defpath]))
    return tmp_path


def test_pg_dump_is_the_servers_own_and_the_first_of_them_on_path(path: Path) -> None:
    assert Programs().pg_dump(90) == path / "second" / "pg_dump"
    assert Programs().pg_dump(91) == path / "first" / "pg_dump"


def test_pg_dump_may_be_newer_than_the_server(path: Path) -> None:
    assert Programs().pg_dump(89) == path / "second" / "pg_dump"


def test_pg_dump_that_is_older_than_the_server_is_refused_by_a_line_that_helps(path: Path) -> None:
    with pytest.raises(BackupError, match=r"server is PostgreSQL 92 and needs pg_dump 92 or newer; here is ") as raised:
        Programs().pg_dump(92)
    assert f"91 in {path / 'first'}: install postgresql-client-92" in str(raised.value)


def test_pg_restore_must_be_the_servers_own(path: Path) -> None:
    assert Programs().pg_restore(90) == path / "second" / "pg_restore"
    with pytest.raises(BackupError, match="needs pg_restore 89"):
        Programs().pg_restore(89)


@pytest.mark.parametrize("kind", POSTGRES_KINDS)
def test_each_kind_of_server_has_its_programs(kind: str) -> None:
    try:
        server = find_postgres(kind, lambda _: None)
    except EmbeddedError as error:
        pytest.skip(str(error))
    found = Programs(server.bin_dir)
    assert found.pg_dump(int(server.major)) == server.bin_dir / "pg_dump"
    assert found.pg_restore(int(server.major)) == server.bin_dir / "pg_restore"


def test_programs_of_koodtx_up_come_before_path(path: Path) -> None:
    own = install(path / "own", "90.3")
    assert Programs(own).pg_dump(90) == own / "pg_dump"
    assert Programs(own).pg_dump(91) == path / "first" / "pg_dump"


def test_password_is_no_argument() -> None:
    text, env = connection_arguments("postgresql://mina:s3%27cret@127.0.0.1:5433/koodtx?sslmode=prefer")
    assert sorted(text.split()) == ["dbname=koodtx", "host=127.0.0.1", "port=5433", "sslmode=prefer", "user=mina"]
    assert env["PGPASSWORD"] == "s3'cret"
