"""The signer: payloads come back equal, and nothing else is accepted."""

import string
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.signing import NotSigned, Purpose, read, sign

pytestmark = [pytest.mark.unit]

NEW, OLD, OTHER = "n" * 32, "o" * 32, "x" * 32
PURPOSES = get_args(Purpose)
LETTERS = string.ascii_letters + string.digits + "-_."


@given(st.binary(max_size=200), st.sampled_from(PURPOSES))
def test_a_payload_comes_back_equal(payload: bytes, purpose: Purpose) -> None:
    text = sign((NEW,), purpose, payload)
    assert set(text) <= set(LETTERS)
    assert read((NEW,), purpose, text) == payload


@pytest.mark.parametrize("purpose", PURPOSES)
def test_one_purpose_is_refused_for_each_other(purpose: Purpose) -> None:
    text = sign((NEW,), purpose, b"payload")
    for other in set(PURPOSES) - {purpose}:
        with pytest.raises(NotSigned):
            read((NEW,), other, text)


def test_old_keys_are_accepted_until_they_are_removed() -> None:
    text = sign((OLD,), "link", b"payload")
    assert read((NEW, OLD), "link", text) == read((NEW, OTHER, OLD), "link", text) == b"payload"
    for keys in ((NEW,), (NEW, OTHER), (OTHER,)):
        with pytest.raises(NotSigned):
            read(keys, "link", text)


def test_the_first_key_signs() -> None:
    assert sign((NEW, OLD), "link", b"payload") == sign((NEW,), "link", b"payload")
    with pytest.raises(NotSigned):
        read((OLD,), "link", sign((NEW, OLD), "link", b"payload"))


@pytest.mark.parametrize("payload", [b"", b"p", b"pa", b"payload"])
def test_each_changed_letter_is_refused(payload: bytes) -> None:
    """Each letter of the text by each other one; removed; doubled; and what base64 decoders ignore, put before it."""
    text = sign((NEW, OLD), "cursor", payload)
    for place in range(len(text)):
        before, letter, after = text[:place], text[place], text[place + 1 :]
        changed = [before + other + after for other in LETTERS if other != letter]
        changed += [before + after, text[: place + 1] + text[place:]]
        changed += [before + ignored + text[place:] for ignored in ("=", "!", " ", "\n", "\0", "é")]
        for wrong in changed:
            with pytest.raises(NotSigned):
                read((NEW, OLD), "cursor", wrong)


@given(st.text(max_size=80) | st.text(LETTERS, max_size=80))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(NotSigned):
        read((NEW, OLD), "cursor", text)


@pytest.mark.parametrize("end", ["\n", "=", "==", ".", "\ud800"])
def test_nothing_may_follow(end: str) -> None:
    with pytest.raises(NotSigned):
        read((NEW,), "ticket", sign((NEW,), "ticket", b"payload") + end)
