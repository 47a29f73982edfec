# ruff: noqa: RUF001 - letters of three alphabets
"""Text normalization for search: folding, transliteration between three alphabets, and edit distance."""

import re
from unicodedata import normalize

_APOSTROPHES = dict.fromkeys(map(ord, "'\u2018\u2019\u02bb\u02bc`\u00b4"))
_MARKS = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+")

# Duplicated in the database functions `search_latin` and `search_sounds` (migration 0075); a test compares them.
_CYRILLIC_LETTERS = {
    "ё": "yo", "ж": "j", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "yu", "я": "ya", "ъ": "", "ь": "",
}  # fmt: skip
_CYRILLIC = str.maketrans(
    {**_CYRILLIC_LETTERS, **dict(zip("абвгдезийклмнопрстуфхыэўқғҳ", "abvgdeziyklmnoprstufhyeokgh", strict=True))}
)
_SOUNDS = {
    "shch": "sh", "kh": "h", "zh": "j", "dj": "j", "ph": "f", "ye": "e", "ch": "ч", "c": "k", "ч": "ch", "q": "k",
    "w": "v",
    **{letter * 2: letter for letter in "abdefgiklmnoprstuz"},
}  # fmt: skip
_VOWELS = re.compile(r"\B[aeiouy]")
_IS_CYRILLIC = re.compile("[а-яёўқғҳ]", re.IGNORECASE)
#: Latin letters and their Cyrillic spelling, the longer ones first.
_IN_CYRILLIC = {
    "shch": "щ", "sh": "ш", "ch": "ч", "zh": "ж", "kh": "х", "ts": "ц", "yo": "ё", "yu": "ю", "ya": "я", "ye": "е",
    "ck": "к", "x": "х", "j": "ж", "w": "в", "q": "к",
    **dict(zip("abcdefghiklmnoprstuvyz", "абкдефгхиклмнопрстувйз", strict=True)),
}  # fmt: skip
_LATIN = re.compile("|".join(_IN_CYRILLIC))

#: If this many letters are typed, a word can differ in two of them, otherwise in one. Duplicated in the database
#: functions that find misspelled names (migration 0120).
_LONG = 8
#: Shorter words can't differ at all: they would match any other short word.
_SHORT = 4


def folded(text: str) -> str:
    """Return `text` lowercase, without accents and apostrophes, as the database's `search_fold` does."""
    return _MARKS.sub("", normalize("NFD", text.lower().translate(_APOSTROPHES)))


def words_of(text: str) -> list[str]:
    """Return the words of folded text, in order."""
    return _WORD.findall(text)


def latin(text: str) -> str:
    """Return `text` in Latin letters, folded."""
    return folded(text.lower().translate(_CYRILLIC))


def phonetic_key(text: str) -> str:
    """Return a phonetic spelling of Latin text.

    It is the same for words that sound alike in English, Russian, and both scripts of Uzbek.
    """
    for written, meant in _SOUNDS.items():
        text = text.replace(written, meant)
    return text


def consonants(text: str) -> list[str]:
    """Return the words of `text` as they sound, each without the vowels after its first letter."""
    return words_of(_VOWELS.sub("", phonetic_key(latin(text))))


def in_other_alphabet(text: str) -> str:
    """Return `text` transliterated from Cyrillic to Latin letters, or from Latin to Cyrillic."""
    if _IS_CYRILLIC.search(text):
        return text.lower().translate(_CYRILLIC)
    return _LATIN.sub(lambda found: _IN_CYRILLIC[found.group()], folded(text))


def misspelling(typed: str, name: str) -> int | None:
    """Return the number of letters in which the typed words differ from the nearest words of `name`.

    Short words are ignored. Returns None if a typed word is not similar to any word of `name`, if a typed number is not
    one of them, or if there are more differences than words; from eight typed letters on, two are accepted in any case.
    """
    names = [word for text in _spellings(name) for word in words_of(text)]
    words = words_of(normalize("NFC", typed).translate(_APOSTROPHES))
    if any(word.isdigit() and word not in names for word in words):
        return None
    compared = [word for word in words if not word.isdigit() and is_long_enough(word)]
    most = 2 if sum(map(len, compared)) >= _LONG else 1
    total = 0
    for word in compared:
        spellings = [spelt for text in _spellings(word) for spelt in words_of(text)]
        near = [_edit_distance(spelt, other, most) for spelt in spellings for other in names]
        nearest = min((apart for apart in near if apart is not None), default=None)
        if nearest is None:
            return None
        total += nearest
    return total if total <= max(len(compared), most) else None


def is_long_enough(word: str) -> bool:
    """Return whether a word is long enough to search for similar ones."""
    return len(word) >= _SHORT - 1


def _spellings(text: str) -> set[str]:
    """Return the spellings of `text` in Latin letters: as written, and as it sounds.

    An x has two pronunciations, depending on the language.
    """
    written = latin(text)
    heard = phonetic_key(written)
    return {written, heard.replace("x", "ks"), heard.replace("x", "h")}


def _edit_distance(one: str, other: str, most: int) -> int | None:
    """Return the edit distance between two words; None if it is more than `most`.

    If `one` is the beginning of `other`, the distance is 1, however long `other` is. Short words must be equal.
    """
    if one == other:
        return 0
    if other.startswith(one):
        return 1
    if len(one) < _SHORT or not is_long_enough(other) or abs(len(one) - len(other)) > most:
        return None
    apart = letters_apart(one, other)
    return apart if apart <= most else None


def letters_apart(one: str, other: str) -> int:
    """Return the edit distance with transpositions (optimal string alignment)."""
    above: list[int] = []
    last = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        here = [place]
        for beside, there in enumerate(other, 1):
            cost = min(here[-1] + 1, last[beside] + 1, last[beside - 1] + (letter != there))
            if place > 1 and beside > 1 and letter == other[beside - 2] and one[place - 2] == there:
                cost = min(cost, above[beside - 2] + 1)
            here.append(cost)
        above, last = last, here
    return last[-1]
