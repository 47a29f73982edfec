"""What templates can use beyond Jinja: filters in the reader's language and zone, addresses, navigation, charts.

Filters are thin: the words and figures are made in `app.web.formatting`, which knows no request.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from functools import wraps
from typing import Any

from babel import Locale
from flask import Flask, current_app, url_for
from flask_babel import get_locale, get_timezone
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from app.security.permissions import Role, role_label
from app.web import charts, formatting
from app.web.formatting import Number
from app.web.labels import label, objection_label, stage_label
from app.web.navigation import navigation_for, tab_bar_for
from app.web.stylesheet import init_stylesheet, stylesheet_url

_AVATAR_TONES = 6


def init_templating(app: Flask) -> None:
    """Add the filters and globals; Flask-Babel must know how to find the language and the zone of a request."""
    init_stylesheet(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update({name: _per_request(function) for name, function in _FILTERS.items()})
    app.jinja_env.globals.update(_GLOBALS)


def asset_url(path: str) -> str:
    """Address of a file under static/, for example "js/ui.js"."""
    return url_for("static", filename=path)


def find_url(endpoint: str, **values: Any) -> str | None:
    """The address of a page, or None where this app has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def when(moment: datetime | date | None, style: str = "") -> str | Markup:
    """A moment as `<time>` with the whole of it on hover.

    Styles: "" (Nov 20, 2:41 PM), "date", "time", "full" (with year and zone), "relative" (6 min ago, within the hour).
    A date without a time is shown as a date. None is a dash.
    """
    if moment is None:
        return formatting.UNKNOWN
    if not isinstance(moment, datetime):
        return _time_element(moment.isoformat(), formatting.long_date(moment, _locale()), _day(moment))
    here, now = formatting.in_zone(moment, _zone()), datetime.now(UTC)
    full = formatting.full_moment(here, _locale())
    if style == "relative" and (age := formatting.age(here, _locale(), now)):
        return _time_element(here.isoformat(), full, age, is_age=True)
    return _time_element(here.isoformat(), full, _STYLES[style](here, now))


def zone_note() -> str:
    """Times in CST, with the offset from UTC."""
    now = formatting.in_zone(datetime.now(UTC), _zone())
    name, offset = formatting.zone_name(now, _locale()), formatting.zone_offset(now)
    return str(_("Times in %(zone)s", zone=name if name == offset else f"{name} ({offset})"))


def _per_request(function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, run anew for each request.

    Jinja computes a filter over literals once, when it compiles the template, unless the filter takes the context:
    a figure would keep the language of whoever came first.
    """

    @pass_context
    @wraps(function)
    def call(_context: Context, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return call


def _time_element(machine: str, full: str, shown: str, *, is_age: bool = False) -> Markup:
    age = Markup(" data-age") if is_age else ""
    return Markup('<time datetime="{}" title="{}"{}>{}</time>').format(machine, full, age, shown)


def _day(day: date) -> str:
    return formatting.short_date(day, _locale(), formatting.in_zone(datetime.now(UTC), _zone()).date())


_STYLES: dict[str, Callable[[datetime, datetime], str]] = {
    "": lambda here, now: formatting.date_and_clock(here, _locale(), now),
    "relative": lambda here, now: formatting.date_and_clock(here, _locale(), now),
    "date": lambda here, _now: _day(here.date()),
    "time": lambda here, _now: formatting.clock(here, _locale()),
    "full": lambda here, _now: formatting.full_moment(here, _locale()),
}


def _duration(seconds: Number | None, style: str = "") -> str:
    return formatting.spoken_duration(seconds) if style == "long" else formatting.duration(seconds)


def _number(value: Number | None, decimals: int | None = None) -> str:
    return formatting.number(value, _locale(), decimals)


def _percent(fraction: Number | None, decimals: int = 1) -> str:
    return formatting.percent(fraction, _locale(), decimals)


def _money(amount: Number | None, currency: str = "USD") -> str:
    return formatting.money(amount, _locale(), currency)


def _signed(value: Number | None, decimals: int | None = None) -> str:
    return formatting.signed(value, _locale(), decimals)


def _points(fraction: Number | None) -> str:
    return formatting.points(fraction, _locale())


def _figure(value: Number | None, kind: str = "number") -> str:
    return formatting.figure(value, kind, _locale())


def _date_range(first: date, last: date) -> str:
    return formatting.date_span(first, last, _locale())


def _role_name(role: str) -> str:
    return str(role_label(Role(role)))


def _avatar_tone(name: str) -> int:
    """The same person has the same colour on every page and after every restart."""
    return sum(map(ord, name)) % _AVATAR_TONES


def _locale() -> Locale:
    return get_locale() or Locale("en")


def _zone() -> tzinfo:
    return get_timezone() or UTC


_FILTERS: dict[str, Callable[..., Any]] = {
    "avatar_tone": _avatar_tone,
    "date_range": _date_range,
    "duration": _duration,
    "figure": _figure,
    "initials": formatting.initials,
    "label": label,
    "objection_label": objection_label,
    "money": _money,
    "number": _number,
    "percent": _percent,
    "phone": formatting.phone,
    "points": _points,
    "role_name": _role_name,
    "signed": _signed,
    "stage_label": stage_label,
    "when": when,
}

_GLOBALS: dict[str, Callable[..., Any]] = {
    "asset_url": asset_url,
    "column_geometry": charts.column_geometry,
    "find_url": find_url,
    "line_geometry": charts.line_geometry,
    "navigation_for": navigation_for,
    "sparkline_geometry": charts.sparkline_geometry,
    "stylesheet_url": stylesheet_url,
    "tab_bar_for": tab_bar_for,
    "zone_note": zone_note,
}
