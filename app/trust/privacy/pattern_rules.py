"""Pieces of regular expressions that PostgreSQL and Python read alike, for text and for bytes with ASCII text. Pure."""

import json
import re
from urllib.parse import quote_plus

#: Line breaks and tabs in a JSON string: the letter after the backslash is not part of a word.
AFTER_BREAK = r"(?<=\\[nrt])"
#: An escaped non-ASCII byte ends in digits, which are not part of a number or a word that follows it.
AFTER_BYTE = r"(?<=\\[0-7][0-7][0-7])"
#: All signs that are typed as an apostrophe.
_APOSTROPHES = "'\u2018\u2019\u02bb\u02bc`\u00b4"


def quoted(text: str) -> str:
    """Escape text for PostgreSQL and Python: letters stay unescaped, since a backslash changes their meaning."""
    return re.sub(r"[^\w\x80-\U0010ffff]", lambda match: f"\\{match.group()}", text)


def escaped(data: bytes) -> str:
    r"""Encode bytes like the database's `encode(…, 'escape')`.

    ASCII is unchanged, \ is doubled, and everything else becomes three octal digits.
    """
    return "".join(_ESCAPES[byte] for byte in data)


def word_in_text(word: str) -> str:
    """Return a pattern for a word as it is and in URL encoding, with any apostrophes or without."""
    apostrophe = f"(?:[{_APOSTROPHES}]|(?:%[0-9A-F]{{2}}){{1,3}})?"
    any_apostrophe = apostrophe.join(map(quoted, re.split(f"[{_APOSTROPHES}]", word)))
    return _one_of(dict.fromkeys((any_apostrophe, quoted(quote_plus(word)))))


def word_in_bytes(word: str) -> str:
    """Return a pattern for a word in UTF-8, in JSON and in URL encoding, in the form produced by `escaped`."""
    forms = (escaped(word.encode()), json.dumps(word)[1:-1].replace("\\", "\\\\"), quote_plus(word))
    return _one_of(dict.fromkeys(map(quoted, forms)))


def _one_of(forms: dict[str, None]) -> str:
    return next(iter(forms)) if len(forms) == 1 else f"(?:{'|'.join(forms)})"


_ESCAPES = ["\\\\" if byte == 0x5C else chr(byte) if 0 < byte < 0x80 else f"\\{byte:03o}" for byte in range(256)]
