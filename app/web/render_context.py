"""For whom a page is written: their language, zone and moment, found out once a page and not for every cell.

Flask-Babel looks all of it up whenever it is asked. A page of 50 calls asks some 700 times, which took 3 of its 23 ms.
"""

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, before_render_template, template_rendered
from flask_babel import get_locale, get_timezone, get_translations
from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class RenderContext:
    """What words and figures of one page depend on; `now` is on the clocks of `zone`. `moments` are those drawn
    already, by moment and style: a row shows its time in a cell and, on a phone, under its name. `assets` are addresses
    of files by their paths.
    """

    locale: Locale
    zone: ZoneInfo
    now: datetime
    translations: NullTranslations
    moments: dict[tuple[date, str], Markup] = field(default_factory=dict)
    assets: dict[str, str] = field(default_factory=dict)


#: Not in Flask's `g`, which is looked up through two proxies: a list asks 450 times.
_context: ContextVar[RenderContext | None] = ContextVar("switchboard_render_context", default=None)


def init_render_context(app: Flask) -> None:
    """Keep the context from the beginning of a template to its end: nobody changes language in the middle of a page."""
    before_render_template.connect(_begin, app)
    template_rendered.connect(_end, app)
    app.teardown_appcontext(_end)  # a template that failed has not been rendered


def current_render_context() -> RenderContext:
    """Of the template that is rendered now; outside of one, whoever the request or the job speaks to at this moment."""
    return _context.get() or _find_out()


def _begin(_app: Flask, **_what: object) -> None:
    _context.set(_find_out())


def _end(_app_or_error: object, **_what: object) -> None:
    _context.set(None)


def _find_out() -> RenderContext:
    zone = ZoneInfo(str(get_timezone()))  # Flask-Babel's own zone is of pytz, which takes ten times as long
    return RenderContext(get_locale(), zone, datetime.now(zone), get_translations())
