"""Names and identifiers: their lengths, the characters they may contain, and how they compare."""

import unicodedata
from typing import Annotated

from msgspec import Meta

MAX_NAME_LENGTH = 64

# The numbers of rows are PostgreSQL's bigint.
LARGEST_ID = 2**63 - 1
RowId = Annotated[int, Meta(ge=1, le=LARGEST_ID)]

# PostgreSQL cannot store a NUL character.
NO_NUL = r"^[^\x00]*$"
# Names of people, accounts and devices do not need the other control characters either.
PRINTABLE = r"^(?![\s\S]*[\x00-\x1f\x7f-\x9f])"

# An identifier that a client made: session_id, push_id.
ClientId = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH, pattern=NO_NUL)]
# What a client calls something that the server does not list, e.g. a sensor type.
Name = ClientId
# A name that people see.
PrintableName = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH, pattern=PRINTABLE)]
# Text of several lines, e.g. notes.
Notes = Annotated[str, Meta(max_length=10_000, pattern=NO_NUL)]


def folded(text: str) -> str:
    """Returns the form in which user names and e-mail addresses are compared: the same for each case, width and form.

    Compatibility caseless matching of the Unicode Standard, section 3.13 (D146), here and not in the database, where it
    would depend on the cluster's locale. Turkish İ and dotless i compare as i, since their other case is i or I.
    """
    for _ in range(2):
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", text).casefold())
    text = text.replace("i\N{COMBINING DOT ABOVE}", "i").replace("\N{LATIN SMALL LETTER DOTLESS I}", "i")
    return unicodedata.normalize("NFC", " ".join(text.split()))
