"""Characters that are no text: what no page can show, and what turns round the words after it.

Where text comes in (forms, addresses, files) is the place for it: what is stored can be shown anywhere.
"""

import re

#: Control characters but for tab and the ends of lines, and code points that stand for no character. NUL is among them.
_UNSHOWABLE = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
#: Embeddings, overrides and isolates of a direction: left open, they reverse what follows on the page. Marks stay.
_TURNING = r"\u202a-\u202e\u2066-\u2069"

_NO_TEXT = re.compile(f"[{_UNSHOWABLE}{_TURNING}]")
_NO_TEXT_BUT_NUL = re.compile(f"(?!\0)[{_UNSHOWABLE}{_TURNING}]")
_CONTROL = re.compile(f"[{_UNSHOWABLE}]")


def readable(text: str) -> str:
    """`text` without what is no text. A NUL stays: who reads it refuses it, because nobody types one."""
    return text if text.isascii() and text.isprintable() else _NO_TEXT_BUT_NUL.sub("", text)


def is_showable(text: str) -> bool:
    """Whether a page can show all of it."""
    return _CONTROL.search(text) is None
