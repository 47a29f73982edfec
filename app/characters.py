"""Characters that are no text: what no page can show, and what turns round the words after it.

Where text comes in (forms, addresses, files) is the place for it: what is stored can be shown anywhere.
"""

import re
import unicodedata

from flask_babel import lazy_gettext as _l

from app.errors import Sentence

#: Control characters but for tab and the ends of lines, and code points that stand for no character. NUL is among them.
_UNSHOWABLE = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
#: Embeddings, overrides and isolates of a direction: left open, they reverse what follows on the page. Marks stay.
_TURNING = r"\u202a-\u202e\u2066-\u2069"

_NO_TEXT = re.compile(f"[{_UNSHOWABLE}{_TURNING}]")
_NO_TEXT_BUT_NUL = re.compile(f"(?!\0)[{_UNSHOWABLE}{_TURNING}]")
_CONTROL = re.compile(f"[{_UNSHOWABLE}]")
_HALVES = re.compile(r"[\ud800-\udfff]")

#: Half of a pair of surrogates, alone.
HALF_A_CHARACTER = _l("This holds half of a character, which can’t be stored. Type it again.")


class Unstorable(ValueError):
    """The database cannot hold this text; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def readable(text: str) -> str:
    """`text` without what is no text. A NUL stays: who reads it refuses it, because nobody types one."""
    return text if text.isascii() and text.isprintable() else _NO_TEXT_BUT_NUL.sub("", text)


def is_showable(text: str) -> bool:
    """Whether a page can show all of it."""
    return _CONTROL.search(text) is None


def clean_text(text: str) -> str:
    """Return `uniform_text` of what is `readable`: typed text as it is stored. Raises Unstorable."""
    return uniform_text(readable(text))


def uniform_text(text: str) -> str:
    """Return one form of texts that look alike: NFC, Unix line ends, no white space around.

    Raises Unstorable for a NUL and for half of a character, neither of which is typed.
    """
    if "\0" in text:
        raise Unstorable(_l("This holds a character that can’t be stored (NUL). Type it again."))
    if not text.isascii() and _HALVES.search(text):
        raise Unstorable(HALF_A_CHARACTER)
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
