"""The exception for input that a user can correct, and helpers for its messages."""

import difflib
import unicodedata
from collections.abc import Iterable

#: Characters that change the direction of writing: the text after them would read as something else.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

#: Valid names listed in a message; a dimension may have thousands of values.
MOST_NAMES = 40


def legible(text: str) -> str:
    r"""Return the text with control characters and unencodable characters escaped, as in `\x1b`.

    Names of files and columns come from outside and may hold such characters; line ends stay.
    """
    return "".join(c if _is_harmless(c) else c.encode("unicode_escape").decode("ascii") for c in text)


def _is_harmless(character: str) -> bool:
    if character.isprintable() or character == "\n":
        return True
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in _DIRECTIONS


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a hint for an unknown name: the most similar valid name, if any, and the valid names."""
    names = list(names)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f"did you mean {close[0]}? " if close else ""
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return f"{hint}Allowed here: {', '.join(names[:MOST_NAMES]) or 'none'}{more}"


class InputError(Exception):
    """Raised for invalid settings, census or flags.

    The message names the file, row or key, what was found and what is allowed;
    command lines print it without a traceback and exit with status 2.
    """

    def __str__(self) -> str:
        """Return the message, safe for a terminal."""
        return legible(super().__str__())
