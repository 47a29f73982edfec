"""Language and time zone of a page."""

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, has_request_context, request
from flask_babel import get_locale

from app.extensions import CountingDomain, babel
from app.models import Language
from app.private_apis import find_babel_context_at_once
from app.security.actor import loaded_actor
from app.security.api_requests import is_api_request
from app.security.cookies import read_cookie

LANGUAGE_COOKIE = "language"


class _KnownLocale(Locale):
    """Locale that is hashed by identity in caches: Babel's hash is computed in Python, 600 times per list."""

    __hash__ = object.__hash__


#: Always the same objects, so that caches by language find them quickly.
_LOCALES = {language.value: _KnownLocale(language.value) for language in Language}


class _Catalogues(CountingDomain):
    """Catalogs of all languages, each loaded once.

    By default, Flask-Babel creates a domain for each request and loads the catalog again, which takes 2 ms. It also
    looks up a catalog by the language's formatted name, which takes as long as the rest of a translation.
    """

    def __init__(self) -> None:
        super().__init__()
        self._by_locale: dict[Locale, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        """Return the catalog of the current language."""
        locale = get_locale()
        known = self._by_locale.get(locale)
        if known is None:
            known = self._by_locale[locale] = super().get_translations()
        return known


_catalogues = _Catalogues()


def init_language(app: Flask) -> None:
    """Translate every text to the reader's language, and show timestamps in the organization's time zone."""
    find_babel_context_at_once()
    babel.init_app(app, locale_selector=select_language, timezone_selector=select_timezone)
    app.before_request(_catalogues.as_default)


def select_language() -> Locale:
    """Return the user's language, else the one stored in this browser, else the one the browser asks for.

    The JSON API responds in the language that the request asks for, else in the user's.
    """
    return _LOCALES[_selected()]


def select_timezone() -> str:
    """Return the organization's time zone, which determines when a day begins; UTC for visitors."""
    actor = loaded_actor() if has_request_context() else None
    return actor.timezone if actor else "UTC"


def _selected() -> str:
    if not has_request_context():
        return Language.ENGLISH
    actor, accepted = loaded_actor(), request.accept_languages.best_match(list(Language))
    if is_api_request():
        return accepted or (actor.language if actor else Language.ENGLISH)
    if actor is not None:
        return actor.language
    chosen = read_cookie(LANGUAGE_COOKIE)
    if chosen in _LOCALES:
        return chosen
    return accepted or Language.ENGLISH
