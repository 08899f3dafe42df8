"""Who writes recommendations: the built-in rules, or a chat endpoint."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from koodtx.errors import SettingsError
from koodtx.setting_types import Count, Positive, is_http_url

_PATH = "/chat/completions"


class RecommendationSettings(Struct, frozen=True, kw_only=True):
    recommender: Annotated[
        Literal["rules", "chat"],
        Meta(description="Who writes recommendations: the built-in rules, or the chat endpoint of `KOODTX_CHAT_URL`."),
    ] = "rules"
    chat_url: Annotated[
        str,
        Meta(
            description="Base URL of an OpenAI-compatible API, e.g. `https://chat.example.org/v1`; https if it is not"
            f" on a network of your own. `{_PATH}` is appended."
        ),
    ] = ""
    chat_model: Annotated[str, Meta(max_length=100, description="Name of the model at the chat endpoint.")] = ""
    chat_api_key: Annotated[str, Meta(description="Sent to the chat endpoint as a Bearer token; empty: none.")] = ""
    chat_timeout_s: Annotated[
        float,
        Meta(gt=0, le=300, description="Seconds for one recommendation by the chat endpoint, all attempts together."),
    ] = 30
    chat_retries: Annotated[
        Count, Meta(le=10, description="Further attempts if the chat endpoint is not reachable or busy.")
    ] = 2
    chat_pause_s: Annotated[
        float,
        Meta(gt=0, le=86_400, description="Seconds without calls after the chat endpoint failed five times in a row."),
    ] = 60
    chat_max_prompt_tokens: Annotated[
        int,
        Meta(
            ge=4000,
            description="Maximum tokens that are sent per recommendation, counted as bytes of UTF-8, because no token"
            " is smaller; the records of a day that do not fit are left out.",
        ),
    ] = 6000
    chat_max_tokens: Annotated[Positive, Meta(description="Maximum tokens of an answer of the chat endpoint.")] = 1000
    chat_max_answer_bytes: Annotated[
        Positive,
        Meta(description="Maximum bytes of an answer of the chat endpoint; a longer one is cut off and rejected."),
    ] = 100_000


def check_recommender(recommender: str, chat_url: str, chat_model: str, chat_api_key: str) -> None:
    """Raises SettingsError, which shows neither the key nor a URL that may contain one."""
    if chat_url:
        _check_url(chat_url)
    if not re.fullmatch(r"[!-~]*", chat_api_key):
        raise SettingsError("KOODTX_CHAT_API_KEY must be of visible ASCII characters, without spaces")
    if recommender == "chat" and not (chat_url and chat_model):
        raise SettingsError("KOODTX_RECOMMENDER=chat needs KOODTX_CHAT_URL and KOODTX_CHAT_MODEL")


def _check_url(text: str) -> None:
    if not is_http_url(text):
        raise SettingsError("KOODTX_CHAT_URL must be like https://chat.example.org/v1")
    url = urlsplit(text)
    if "@" in url.netloc or "?" in text or "#" in text:
        raise SettingsError(
            "KOODTX_CHAT_URL must not contain a user name, a password, a query or a fragment; for a key there is"
            " KOODTX_CHAT_API_KEY"
        )
    if url.path.rstrip("/").endswith(_PATH):
        raise SettingsError(f"KOODTX_CHAT_URL must end before {_PATH}, which is appended")
