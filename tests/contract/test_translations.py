"""Every message of the app in Russian and Uzbek, found in the code and the templates.

docs/words.md defines the terms, the characters and the length of translations.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from app.config import PROJECT_ROOT
from app.models import Language
from app.trust.audit_log.value_words import VALUES
from app.web.value_words import LABELS
from tests.support.messages import messages
from tests.support.words import ALLOWED, foreign_words

TRANSLATED = [language for language in Language if language is not Language.ENGLISH]
PLURALS: Mapping[str, int] = {Language.RUSSIAN: 3, Language.UZBEK: 2}

#: Labels shared by several enumerations: names, nouns, and words without a gender in Russian.
SAME_FOR_ALL = {
    "A person", "An external system", "By a person", "By the assistant", "CallRail", "Failed", "Monday", "No answer",
    "Running", "Shunya", "Sunday", "Text message", "Text messages", "The assistant", "The system", "Twilio", "VAPI",
    "Voicemail", "Waiting", "Wrong number",
}  # fmt: skip

#: Text of a button or a column heading.
_ON_BUTTONS = re.compile(
    r"\b(?:icon_button|button|link_button|post_button|disabled_button|th)"
    r'\((?:_\(|pgettext\("(?P<context>[^"]+)", )"(?P<text>[^"]+)"'
)
_FIELDS = re.compile(r'\bField\(\s*"\w+",\s*(?:_l\(|lazy_pgettext\(\s*"(?P<context>[^"]+)", )"(?P<text>[^"]+)"')
#: Translations up to this length are always short enough.
SHORT = 20
#: Translations more than twice as long as the English, with the reason.
LONG_ALLOWED = {
    ("uz", "Erasures"): "“erase” and “delete” are the same verb, so the object must be named",
    ("uz", "Erase person"): "“erase” and “delete” are the same verb, so the object must be named",
}

_PLACEHOLDER = r"%\(\w+\)[sd]"
_NAMES = re.compile(r"%\((\w+)\)[sd]")
_TAG = re.compile(r"<[^<>]*>")
#: Uzbek suffixes as they would be attached to a placeholder, with or without a space.
_ENDINGS = "ning|ni|ga|ka|qa|gacha|da|dan|dagi|ning|niki|lar|larni|si|i|dek|cha"
_HANGING = re.compile(rf"{_PLACEHOLDER}[”»]?(?:[A-Za-z]|-(?:{_ENDINGS})\b| (?:{_ENDINGS})\b)")
_COMMA, _TUTUQ = "\N{MODIFIER LETTER TURNED COMMA}", "\N{MODIFIER LETTER APOSTROPHE}"
#: Characters that are used as an apostrophe elsewhere.
_OTHERS = "'’`\N{LEFT SINGLE QUOTATION MARK}\N{ACUTE ACCENT}"
#: The turned comma only follows o and g, and the tutuq belgisi never does.
_WRONG_APOSTROPHE = re.compile(rf"\w[{_OTHERS}]\w|[oOgG][{_OTHERS}]|(?<![oOgG]){_COMMA}|\b[oOgG]{_TUTUQ}")
_MARKS_OF_OTHERS: Mapping[str, re.Pattern[str]] = {
    Language.RUSSIAN: re.compile(rf"[\"“”„{_OTHERS}]| – \w"),
    Language.UZBEK: re.compile(rf"[\"«»„{_OTHERS}]|—"),
}
#: Messages about a character itself.
ABOUT_SIGNS = {"Apostrophe: 1'234"}


@pytest.fixture(scope="module")
def template(run_folder: Path) -> Catalog:
    """A catalog of all messages in the code and the templates."""
    catalogue = Catalog()
    for extracted in messages(run_folder):
        place = (extracted.file, extracted.line)
        catalogue.add(extracted.text, locations=[place], context=extracted.context)
    return catalogue


@cache
def catalogue_of(language: str) -> Catalog:
    """Return the translations to a language."""
    path = PROJECT_ROOT / "app" / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def sentences(catalogue: Catalog) -> Iterator[Message]:
    yield from (message for message in catalogue if message.id)


def forms(text: str | Sequence[str] | None) -> Sequence[str]:
    return [text] if isinstance(text, str) else text or [""]


def all_forms(language: str) -> Iterator[tuple[str, str]]:
    """Yield each form of each translation, with the English message."""
    for message in sentences(catalogue_of(language)):
        yield from ((_key(message), form) for form in forms(message.string))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(template: Catalog, language: str) -> None:
    translated = catalogue_of(language)
    missing = [
        (message.context, message.id)
        for message in sentences(template)
        if not _is_complete(translated.get(_key(message), message.context), message)
    ]

    assert translated.num_plurals == PLURALS[language]
    assert missing == [], f"{len(missing)} sentences have no {language} translation"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_has_the_placeholders_of_its_sentence(language: str) -> None:
    translated = catalogue_of(language)
    faults = [(message.id, str(fault)) for message in sentences(translated) for fault in message.check(translated)]
    lost = [
        message.id
        for message in sentences(translated)
        for form in forms(message.string)
        if set(_NAMES.findall(form)) != set(_NAMES.findall(forms(message.id)[-1]))
    ]

    assert faults == []
    assert lost == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_one_term_stands_for_a_thing(language: str) -> None:
    broken = {
        english: f"{term}: {word}"
        for english, form in all_forms(language)
        for term, word in foreign_words(english, form, language)
        if not any(of == language and english.startswith(start) for of, start in ALLOWED)
    }

    assert broken == {}, "docs/words.md has another word for these"


def test_a_word_of_another_term_is_found_and_named() -> None:
    found = foreign_words("Undo the recording", "Yozuvni bekor qilish", Language.UZBEK)
    fitting = foreign_words("Cancel, or undo it", "Bekor qiling yoki ortga qaytaring", Language.UZBEK)

    assert list(found) == [("recording", "Yozuvni"), ("undo", "bekor qilish")]
    assert list(fitting) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_quotation_marks_and_dashes_are_those_of_the_language(language: str) -> None:
    others = _MARKS_OF_OTHERS[language]
    wrong = [
        form
        for english, form in all_forms(language)
        if english not in ABOUT_SIGNS and others.search(_TAG.sub("", form))
    ]

    assert wrong == []


def test_uzbek_apostrophes_are_letters() -> None:
    wrong = [
        form
        for english, form in all_forms(Language.UZBEK)
        if english not in ABOUT_SIGNS and _WRONG_APOSTROPHE.search(_TAG.sub("", form))
    ]

    assert wrong == []


def test_nothing_hangs_on_what_is_filled_in() -> None:
    """Uzbek translations add no suffix to a placeholder, because suffixes depend on the sound of the word."""
    hanging = [form for _english, form in all_forms(Language.UZBEK) if _HANGING.search(form)]

    assert hanging == []


def test_uzbek_nouns_have_no_plural_after_a_number() -> None:
    plural = re.compile(rf"{_PLACEHOLDER} ta [\w{_COMMA}]+lar\b(?! \w)")

    assert [form for _english, form in all_forms(Language.UZBEK) if plural.search(form)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_buttons_and_heads_are_about_as_long_as_in_english(language: str) -> None:
    translated = catalogue_of(language)
    found = [message for text, context in on_buttons() if (message := translated.get(text, context))]
    long = {
        _key(message): form
        for message in found
        for form in forms(message.string)
        if len(form) > max(2 * len(_key(message)) + 5, SHORT) and (language, _key(message)) not in LONG_ALLOWED
    }

    assert len(found) > 200
    assert long == {}


def test_a_word_of_two_enumerations_has_a_context() -> None:
    kinds: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for kind, words in [*LABELS.items(), *VALUES.items()]:
        for text in words.values():
            kinds[getattr(text, "_args", (str(text),))].add(kind.__name__)
    shared = {words[-1]: of for words, of in kinds.items() if len(of) > 1 and words[-1] not in SAME_FOR_ALL}

    assert shared == {}, "give it a context: lazy_pgettext(what it is said of, …)"


def on_buttons() -> Sequence[tuple[str, str | None]]:
    """Return the English text and context of buttons and column headings."""
    pages = [_ON_BUTTONS.finditer(path.read_text()) for path in (PROJECT_ROOT / "templates").rglob("*.html")]
    lists = [_FIELDS.finditer(path.read_text()) for path in (PROJECT_ROOT / "app").rglob("resource.py")]
    return sorted({(one["text"], one["context"]) for found in (*pages, *lists) for one in found}, key=str)


def _key(message: Message) -> str:
    return forms(message.id)[0]


def _is_complete(message: Message | None, wanted: Message) -> bool:
    if message is None or message.fuzzy or isinstance(message.id, str) != isinstance(wanted.id, str):
        return False
    return all(forms(message.string))
