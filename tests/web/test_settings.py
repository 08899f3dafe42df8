"""Settings, their page and their example."""

import re
from pathlib import Path

import pytest
from msgspec.structs import fields

from koodtx.errors import SettingsError
from koodtx.settings import Settings, load, read_env_file
from tools.settings_page import env_example, markdown

pytestmark = [pytest.mark.unit]

_ROOT = Path(__file__).parent.parent.parent
NEEDED = {"KOODTX_DATABASE_URL": "postgresql://localhost/koodtx", "KOODTX_SECRET_KEY": "s" * 32}


def test_settings_page_is_up_to_date() -> None:
    assert (_ROOT / "docs" / "settings.md").read_text() == markdown()


def test_settings_example_is_up_to_date() -> None:
    assert (_ROOT / ".env.example").read_text() == env_example()


def test_settings_page_names_each_setting() -> None:
    named = re.findall(r"^\| `KOODTX_(\w+)`", markdown(), re.M)
    assert named == [field.name.upper() for field in fields(Settings)]


def test_settings_example_can_be_loaded(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    text = re.sub(r"^# (KOODTX_\w+=)", r"\1", env_example(), flags=re.M)
    file.write_text(text + "".join(f"{name}={value}\n" for name, value in NEEDED.items()))
    assert load({}, env_file=file) == load(NEEDED, env_file=None)


def test_settings_have_defaults_for_all_but_two() -> None:
    settings = load(NEEDED, env_file=None)
    assert (settings.max_push_readings, settings.pushes_per_minute, settings.pool_max_lifetime_s) == (50_000, 60, 3600)


@pytest.mark.parametrize("name", NEEDED)
def test_missing_required_settings_are_named(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load({key: value for key, value in NEEDED.items() if key != name}, env_file=None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KOODTX_SECRET_KEY", "short"),
        ("KOODTX_OLD_SECRET_KEYS", "short"),
        ("KOODTX_OLD_SECRET_KEYS", f"{'o' * 32}, short"),
        ("KOODTX_POOL_MAX", "0"),
        ("KOODTX_POOL_MAX", "many"),
        ("KOODTX_LOG_LEVEL", "loud"),
        ("KOODTX_TIMESCALEDB", "on"),
        ("KOODTX_TIMEZONE", "Mars/Olympus"),
        ("KOODTX_MAX_BODY_BYTES", "-1"),
    ],
)
def test_settings_that_are_not_valid_are_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load(NEEDED | {name: value}, env_file=None)


def test_settings_never_show_a_secret_in_their_error() -> None:
    with pytest.raises(SettingsError) as raised:
        load(NEEDED | {"KOODTX_SECRET_KEY": "short-secret"}, env_file=None)
    assert "short-secret" not in str(raised.value)


def test_empty_settings_have_their_default() -> None:
    assert load(NEEDED | {"KOODTX_POOL_MAX": ""}, env_file=None).pool_max == load(NEEDED, env_file=None).pool_max


def test_settings_of_the_environment_override_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("KOODTX_POOL_MAX=3\nKOODTX_POOL_MIN=1\n")
    settings = load(NEEDED | {"KOODTX_POOL_MAX": "5"}, env_file=file)
    assert (settings.pool_max, settings.pool_min) == (5, 1)


def test_settings_of_other_programs_are_ignored() -> None:
    assert load(NEEDED | {"DATABASE_URL": "x", "POOL_MAX": "0"}, env_file=None) == load(NEEDED, env_file=None)


def test_env_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\n\nKOODTX_A=1\n  KOODTX_B = two words \nKOODTX_C='quoted'\nKOODTX_D=a=b\nnothing\n")
    expected = {"KOODTX_A": "1", "KOODTX_B": "two words", "KOODTX_C": "quoted", "KOODTX_D": "a=b"}
    assert read_env_file(file) == expected


def test_a_missing_env_file_counts_as_empty(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / "none") == {}


def test_origins_are_separated_by_commas() -> None:
    settings = load(NEEDED | {"KOODTX_CORS_ORIGINS": "https://a.example, https://b.example,"}, env_file=None)
    assert settings.cors_origin_list == ["https://a.example", "https://b.example"]
