"""Language, zone and time of a page, determined once per page and not for every cell.

Flask-Babel looks them up each time. A page of 50 calls needs them some 700 times, which took 3 of its 23 ms.
"""

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from time import monotonic
from zoneinfo import ZoneInfo

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, before_render_template, current_app, has_request_context, request, template_rendered, url_for
from flask.templating import Environment
from flask_babel import get_locale, get_timezone, get_translations
from markupsafe import Markup

from app.caches import memoize

#: Limit for the combinations of a language, a zone and a day that pages are rendered for.
_MAX_READERS = 1_000
#: Limit for the files under static/ of which URLs are cached.
_MAX_ASSETS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """Language, zone, day, symbols and templates: what cached HTML depends on beside its values.

    Equal ones are usually one object, which is compared and hashed faster as a part of the cache key of each row.
    """

    templates: Environment
    locale: Locale
    zone: ZoneInfo
    day: date
    symbols: str


@dataclass(frozen=True)
class RenderContext:
    """Inputs to the formatting of one page; `now` is in `zone`.

    `moments` caches rendered timestamps by value and style: a row shows its time in a cell and, on a phone, under its
    name. `assets` caches URLs of files by their paths.
    """

    locale: Locale
    zone: ZoneInfo
    now: datetime
    translations: NullTranslations
    moments: dict[tuple[date, str], Markup] = field(default_factory=dict)
    assets: dict[str, str] = field(default_factory=dict)

    @cached_property
    def reader(self) -> Reader:
        """The reader of the page, as a part of cache keys."""
        symbols = self.asset_url("icons.svg")
        return _reader(current_app.jinja_env, self.locale, self.zone, self.now.date(), symbols)

    def asset_url(self, path: str) -> str:
        """Return the URL of a file under static/, looked up once per page, because every icon needs the same one."""
        known = self.assets.get(path)
        if known is None:
            known = self.assets[path] = _asset_url(path)
        return known


#: Not in Flask's `g`, which is accessed through two proxies: a list reads it 450 times.
_context: ContextVar[RenderContext | None] = ContextVar("switchboard_render_context", default=None)


def init_render_context(app: Flask) -> None:
    """Keep one context while a template renders, because the language doesn't change within a page."""
    before_render_template.connect(_begin, app)
    template_rendered.connect(_end, app)
    app.teardown_appcontext(_end)  # a template that failed sends no signal


def current_render_context() -> RenderContext:
    """Return the context of the current template; outside of one, that of the current request or job."""
    return _context.get() or _find_out()


def _asset_url(path: str) -> str:
    if not has_request_context():
        return url_for("static", filename=path)  # an absolute URL, in a mail
    return _address(request.root_path, path, int(monotonic()))


@memoize(_MAX_ASSETS)
def _address(_root: str, path: str, _second: int) -> str:
    """Return a static file's URL for pages. A changed file is noticed within a second, like a changed bundle."""
    return url_for("static", filename=path)


@memoize(_MAX_READERS)
def _reader(templates: Environment, locale: Locale, zone: ZoneInfo, day: date, symbols: str) -> Reader:
    return Reader(templates, locale, zone, day, symbols)


def _begin(_app: Flask, **_what: object) -> None:
    _context.set(_find_out())


def _end(_app_or_error: object, **_what: object) -> None:
    _context.set(None)


def _find_out() -> RenderContext:
    zone = ZoneInfo(str(get_timezone()))  # Flask-Babel's own zone is from pytz, which takes ten times as long
    return RenderContext(get_locale(), zone, datetime.now(zone), get_translations())
