"""The data folder of `koodtx up`."""

from pathlib import Path

import pytest

from koodtx.embedded.data_folder import kept_secret, make_data_dir, remember_kind, remembered_kind, write_private
from koodtx.embedded.errors import EmbeddedError

pytestmark = pytest.mark.unit


def test_secrets_are_kept_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    secret = kept_secret(path)
    assert len(bytes.fromhex(secret)) == 32
    assert kept_secret(path) == secret
    assert path.stat().st_mode & 0o777 == 0o600
    write_private(path, "another")
    assert kept_secret(path) == "another"


def test_folder_is_private_and_remembers_its_postgresql(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    make_data_dir(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert remembered_kind(folder) is None
    remember_kind(folder, "wheel")
    make_data_dir(folder)
    assert remembered_kind(folder) == "wheel"


def test_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedError, match=r"Cannot make .*--data-dir"):
        make_data_dir(tmp_path / "file" / "data")
