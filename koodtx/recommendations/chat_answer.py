"""Takes the recommendation out of the answer of a chat endpoint. What is not exactly one is rejected."""

import re
import unicodedata
from typing import Any

import msgspec
from msgspec import Struct

from koodtx.recommendations.prompt import MAX_CHARACTERS
from koodtx.recommendations.recommender import RecommenderFailed
from koodtx.recommendations.redact import MARKUP, WEB_ADDRESS

# What a model that thinks aloud writes before its answer, and the code block that some put JSON into.
_THOUGHTS = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
_CODE_BLOCK = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)
_ENTITY = re.compile(r"&#?\w+;")
# Joins emoji to one ("🏃‍♀️"): the only invisible character of a plain text.
_JOINER = "\N{ZERO WIDTH JOINER}"
# About the prompt rather than about the day: the model followed, or repeats, something else than its task.
_ABOUT_PROMPT = re.compile(
    r"\b(?:previous|prior|above|earlier) instructions?\b|\bsystem (?:prompt|message)\b"
    r"|(?:이전|앞선|위의?) ?(?:지시|명령)|시스템 ?(?:프롬프트|메시지)",
    re.IGNORECASE,
)


class _Message(Struct):
    content: str | None = None


class _Choice(Struct):
    message: _Message
    finish_reason: str | None = None


class _Completion(Struct):
    choices: list[_Choice]


class _Content(Struct):
    ko: str
    en: str


def read_answer(body: bytes) -> tuple[str, str]:
    """Returns the Korean and the English text. Raises RecommenderFailed."""
    completion = _decode(body, _Completion, "the chat endpoint did not answer with a chat completion")
    if not completion.choices:
        raise RecommenderFailed("the answer of the chat endpoint has no choices")
    choice = completion.choices[0]
    if choice.finish_reason == "length":
        raise RecommenderFailed("the answer of the chat endpoint is longer than KOODTX_CHAT_MAX_TOKENS")
    text = _THOUGHTS.sub("", choice.message.content or "", count=1)
    if block := _CODE_BLOCK.search(text):
        text = block[1]
    content = _decode(
        text.encode(), _Content, 'the chat endpoint did not answer with JSON with the texts "ko" and "en"'
    )
    return _checked(content.ko, "ko", "HANGUL", "Korean"), _checked(content.en, "en", "LATIN", "English")


def _decode(text: bytes, of_type: type[Any], failure: str) -> Any:
    try:
        return msgspec.json.decode(text, type=of_type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecommenderFailed(failure) from error


def _checked(text: str, name: str, script: str, language: str) -> str:
    line = " ".join(text.split())
    if not 1 <= len(line) <= MAX_CHARACTERS:
        raise RecommenderFailed(f'"{name}" must have 1 to {MAX_CHARACTERS} characters, got {len(line)}')
    if any(unicodedata.category(char)[0] == "C" and char != _JOINER for char in line):
        raise RecommenderFailed(f'"{name}" has characters that are invisible or not assigned')
    # A character of another form may become one of these marks when it is shown.
    usual = unicodedata.normalize("NFKC", line)
    if MARKUP.search(usual) or _ENTITY.search(usual):
        raise RecommenderFailed(f'"{name}" has markup')
    if "@" in usual or WEB_ADDRESS.search(usual):
        raise RecommenderFailed(f'"{name}" has a web or e-mail address')
    if _ABOUT_PROMPT.search(usual):
        raise RecommenderFailed(f'"{name}" is about instructions instead of the day')
    if not _is_in_script(line, script):
        raise RecommenderFailed(f'"{name}" is not in {language}')
    return line


def _is_in_script(text: str, script: str) -> bool:
    """More than half of the letters are: names of foods may be in another."""
    letters = [char for char in text if char.isalpha()]
    return 2 * sum(unicodedata.name(char, "").startswith(script) for char in letters) > len(letters)
