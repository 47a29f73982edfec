"""In which language and time zone a page speaks."""

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, has_request_context, request
from flask_babel import get_locale

from app.extensions import CountingDomain, babel
from app.models import Language
from app.security.actor import loaded_actor
from app.security.cookies import read_cookie

LANGUAGE_COOKIE = "language"


class _KnownLocale(Locale):
    """Found by its identity in what is kept by language: Babel's own is hashed in Python, 600 times a list."""

    __hash__ = object.__hash__


#: The same object each time, so that what is kept by language is found at once.
_LOCALES = {language.value: _KnownLocale(language.value) for language in Language}


class _Catalogues(CountingDomain):
    """The catalogues of all languages, each read once.

    Flask-Babel has one of these for each request otherwise, and reads the catalogue with it: 2 ms. It finds a catalogue
    by the written name of its language, which takes as long as the rest of a translation.
    """

    def __init__(self) -> None:
        super().__init__()
        self._by_locale: dict[Locale, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        """Of the language that is spoken now."""
        locale = get_locale()
        known = self._by_locale.get(locale)
        if known is None:
            known = self._by_locale[locale] = super().get_translations()
        return known


_catalogues = _Catalogues()


def init_language(app: Flask) -> None:
    """Let every text be in the reader's language, every moment in the organization's zone."""
    babel.init_app(app, locale_selector=select_language, timezone_selector=select_timezone)
    app.before_request(_catalogues.as_default)


def select_language() -> Locale:
    """The person's choice, else that of this browser, else what the browser asks for."""
    return _LOCALES[_selected()]


def select_timezone() -> str:
    """The organization's zone: a day is a day there."""
    actor = loaded_actor() if has_request_context() else None
    return actor.timezone if actor else "UTC"


def _selected() -> str:
    if not has_request_context():
        return Language.ENGLISH
    actor = loaded_actor()
    if actor is not None:
        return actor.language
    chosen = read_cookie(LANGUAGE_COOKIE)
    if chosen in _LOCALES:
        return chosen
    return request.accept_languages.best_match(list(Language)) or Language.ENGLISH
