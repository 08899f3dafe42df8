"""Which scripts the letters of a name belong to: many Cyrillic letters look like Latin ones."""

import unicodedata

# Combinations that one name may have: "highly restrictive", UTS 39, section 5.2. All others have letters of one script.
_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
# First words of the names of letters that several scripts use, e.g. the prolonged sound mark.
_OF_SEVERAL = {"MODIFIER", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"}


def has_mixed_scripts(text: str) -> bool:
    """Whether letters of scripts that are not written together are in a folded name."""
    # Unicode names letters by their script: LATIN SMALL LETTER A, CJK UNIFIED IDEOGRAPH-5C71.
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in text if letter.isalpha()} - _OF_SEVERAL
    return len(scripts) > 1 and not any(scripts <= allowed for allowed in _TOGETHER)
