"""Characters that are not text: those no page can display, and those that reverse the text after them.

Input (forms, URLs, files) is cleaned where it arrives, so everything stored can be displayed anywhere.
"""

import re
import unicodedata

from flask_babel import lazy_gettext as _l

from app.errors import LazyText

#: Control characters except tab and line ends, and noncharacters of Unicode. NUL is included.
_UNSHOWABLE = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
#: Bidirectional embeddings, overrides and isolates: unterminated, they reverse the rest of the page. Directional marks
#: are allowed.
_TURNING = r"\u202a-\u202e\u2066-\u2069"

_NO_TEXT = re.compile(f"[{_UNSHOWABLE}{_TURNING}]")
_NO_TEXT_BUT_NUL = re.compile(f"(?!\0)[{_UNSHOWABLE}{_TURNING}]")
_CONTROL = re.compile(f"[{_UNSHOWABLE}]")
_HALVES = re.compile(r"[\ud800-\udfff]")

#: A lone surrogate.
HALF_A_CHARACTER = _l("This contains an incomplete character. Type the text again.")


class Unstorable(ValueError):
    """Text that the database cannot store; `sentence` states the reason."""

    def __init__(self, sentence: LazyText) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def readable(text: str) -> str:
    """Return `text` without characters that no page can display or that reverse the text after them.

    NUL is retained, so that the caller can reject the text: no one types one.
    """
    return text if text.isascii() and text.isprintable() else _NO_TEXT_BUT_NUL.sub("", text)


def readable_name(name: str) -> str:
    """Return a name from a request as it can be repeated in an error."""
    return name[:60].encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def is_showable(text: str) -> bool:
    """Return whether a page can display all of `text`."""
    return _CONTROL.search(text) is None


def clean_text(text: str) -> str:
    """Clean typed text for storage with `readable`, then `uniform_text`.

    Raises Unstorable.
    """
    return uniform_text(readable(text))


def uniform_text(text: str) -> str:
    """Normalize text so that equal text is stored equally: NFC, Unix line ends, no surrounding whitespace.

    Raises Unstorable for NUL and for lone surrogates, neither of which can be typed.
    """
    if "\0" in text:
        raise Unstorable(_l("This contains a character that can’t be used. Type the text again."))
    if not text.isascii() and _HALVES.search(text):
        raise Unstorable(HALF_A_CHARACTER)
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
