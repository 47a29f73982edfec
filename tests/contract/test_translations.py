"""Every sentence of the app, in Russian and Uzbek as well: found by reading the code and the templates."""

from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from app.config import PROJECT_ROOT
from app.models import Language

METHODS = [("app/**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
OPTIONS = {pattern: {"encoding": "utf-8"} for pattern, kind in METHODS if kind == "jinja2"}
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "_ln": (1, 2)}
TRANSLATED = [language for language in Language if language is not Language.ENGLISH]


@pytest.fixture(scope="module")
def template() -> Catalog:
    """All sentences that the code and the templates hold."""
    catalogue = Catalog()
    found = extract_from_dir(PROJECT_ROOT, METHODS, keywords=KEYWORDS, options_map=OPTIONS)
    for file, line, message, _comments, _context in found:
        catalogue.add(message, locations=[(file, line)])
    return catalogue


def catalogue_of(language: str) -> Catalog:
    path = PROJECT_ROOT / "app" / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def sentences(template: Catalog) -> Iterator[Message]:
    yield from (message for message in template if message.id)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(template: Catalog, language: str) -> None:
    translated = catalogue_of(language)
    missing = [
        message.id
        for message in sentences(template)
        if not _is_complete(translated.get(_key(message)), translated.num_plurals)
    ]

    assert missing == [], f"{len(missing)} sentences have no {language} translation"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_has_the_placeholders_of_its_sentence(language: str) -> None:
    translated = catalogue_of(language)
    faults = [(message.id, str(fault)) for message in translated if message.id for fault in message.check(translated)]

    assert faults == []


def _key(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (list, tuple)) else message.id


def _is_complete(message: Message | None, plurals: int) -> bool:
    if message is None or message.fuzzy:
        return False
    if isinstance(message.string, (list, tuple)):
        return len(message.string) == plurals and all(message.string)
    return bool(message.string)
