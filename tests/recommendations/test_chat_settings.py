"""Settings of the recommender are checked before anything starts."""

import pytest

from koodtx.errors import SettingsError
from koodtx.settings import Settings, load

pytestmark = [pytest.mark.unit]

NEEDED = {"KOODTX_DATABASE_URL": "postgresql://localhost/koodtx", "KOODTX_SECRET_KEY": "s" * 32}
CHAT = {
    "KOODTX_RECOMMENDER": "chat",
    "KOODTX_CHAT_URL": "https://chat.example.org/v1",
    "KOODTX_CHAT_MODEL": "model-1",
    "KOODTX_CHAT_API_KEY": "sk-secret",
}


def loaded(**changes: str) -> Settings:
    return load(NEEDED | CHAT | {f"KOODTX_{name.upper()}": value for name, value in changes.items()}, env_file=None)


def test_without_settings_the_rules_recommend() -> None:
    assert load(NEEDED, env_file=None).recommender == "rules"


def test_a_chat_endpoint() -> None:
    settings = loaded(chat_timeout_s="2.5")
    assert (settings.recommender, settings.chat_model, settings.chat_timeout_s) == ("chat", "model-1", 2.5)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:11434/v1",
        "http://ollama:11434/v1/",
        "https://chat.example.org",
        "http://[::1]:8000/v1",
        "https://my_chat.internal/openai/v1",
    ],
)
def test_urls_of_chat_endpoints(url: str) -> None:
    assert loaded(chat_url=url).chat_url == url


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("chat.example.org/v1", "must be like"),
        ("ftp://chat.example.org/v1", "must be like"),
        ("file:///etc/passwd", "must be like"),
        ("https://", "must be like"),
        ("https:///v1", "must be like"),
        ("https://chat.example.org:99999/v1", "must be like"),
        ("https://chat.example.org:0/v1", "must be like"),
        ("https://chat..example.org/v1", "must be like"),
        ("https://chat example.org/v1", "must be like"),
        ("https://chat.example.org/v1\nx", "must be like"),
        ("https://채팅.example.org/v1", "must be like"),
        ("https://[::x]/v1", "must be like"),
        ("https://chat<b>.example.org/v1", "must be like"),
        ("https://me:sk-secret@chat.example.org/v1", "must not contain a user name"),
        ("https://chat.example.org/v1?key=sk-secret", "must not contain a user name"),
        ("https://chat.example.org/v1#sk-secret", "must not contain a user name"),
        ("https://chat.example.org/v1/chat/completions", "must end before /chat/completions"),
        ("https://chat.example.org/v1/chat/completions/", "must end before /chat/completions"),
    ],
)
def test_urls_that_are_not_valid(url: str, message: str) -> None:
    with pytest.raises(SettingsError, match=f"KOODTX_CHAT_URL {message}") as raised:
        loaded(chat_url=url)
    assert "sk-secret" not in str(raised.value)


@pytest.mark.parametrize("name", ["chat_url", "chat_model"])
def test_a_chat_endpoint_needs_url_and_model(name: str) -> None:
    with pytest.raises(SettingsError, match="KOODTX_RECOMMENDER=chat needs KOODTX_CHAT_URL and KOODTX_CHAT_MODEL"):
        loaded(**{name: ""})


@pytest.mark.parametrize("key", ["sk secret", "sk-secret\n", "sk-sécret", "비밀"])
def test_a_key_that_no_header_can_have_is_not_shown(key: str) -> None:
    with pytest.raises(SettingsError, match="KOODTX_CHAT_API_KEY must be of visible ASCII characters") as raised:
        loaded(chat_api_key=key)
    assert key.strip() not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("recommender", "oracle"),
        ("chat_timeout_s", "0"),
        ("chat_timeout_s", "301"),
        ("chat_timeout_s", "inf"),
        ("chat_timeout_s", "nan"),
        ("chat_retries", "-1"),
        ("chat_retries", "11"),
        ("chat_pause_s", "0"),
        ("chat_max_prompt_tokens", "3999"),
        ("chat_max_tokens", "0"),
        ("chat_max_answer_bytes", "0"),
        ("chat_model", "m" * 101),
    ],
)
def test_values_out_of_range_are_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"KOODTX_{name.upper()}"):
        loaded(**{name: value})
