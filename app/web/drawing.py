"""Template filters that format values in the reader's language and time zone.

They are thin wrappers: `app.web.formatting` formats the values without knowing the request.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.amounts import Number
from app.periods import Span
from app.security.permissions import Role, role_label
from app.web import formatting
from app.web.htmx import wants_fragment
from app.web.labels import label_in, objection_label, stage_label
from app.web.render_context import RenderContext, current_render_context

_AVATAR_TONES = 6
#: A phone number as written by `formatting.phone`, also within text. HTML tags are matched separately, so numbers
#: inside them are left alone.
_PHONE = re.compile(r"<[^>]*>|(\(\d{3}\) \d{3}-\d{4}|\+\d[\d -]{6,}\d)")
_IS_AGE = " data-age"


def when(moment: datetime | date | None, style: str = "") -> str | Markup:
    """Format a timestamp as `<time>`, with the full form on hover.

    Styles: "" (Nov 20, 2:41 PM), "date", "time", "seconds" (the default style with seconds), "full" (with year and
    zone), "relative" (6 min ago, within the hour), "age" (3 hr ago, any length), "moving" (2:41 PM, for a time that
    differs each time the page is rendered). A date without a time is shown as a date. None is a dash.
    """
    if moment is None:
        return formatting.UNKNOWN
    context = current_render_context()
    drawn = context.moments.get((moment, style))
    if drawn is None:
        drawn = context.moments[moment, style] = _drawn_moment(moment, style, context)
    return drawn


def full_moment(moment: datetime, zone: str) -> str:
    """Format a timestamp with year and zone as plain text, in the IANA time zone `zone`.

    For emails, which are written in the time zone of their organization: a request without a signed-in person has none.
    """
    here = formatting.in_zone(moment, ZoneInfo(zone))
    return formatting.full_moment(here, current_render_context().locale)


def unbroken(text: Any) -> Any:
    """Keep phone numbers in text from breaking across lines; return other values unchanged."""
    if not isinstance(text, str) or not ("(" in text or "+" in text):
        return text
    return Markup(_PHONE.sub(_in_one_line, str(escape(text))))  # noqa: S704 - escaped


def _in_one_line(found: re.Match[str]) -> str:
    return f'<span class="nowrap">{found[1]}</span>' if found[1] else found[0]


def zone_note(times: Span | None = None) -> str:
    """Return "Times in CST (UTC−6)", with both offsets if the clocks change within `times`.

    Without `times`, it is for today. The note of a list has an ID and is updated with its period (`swapped_zone_note`).
    """
    context = current_render_context()
    first, after = (
        formatting.in_zone(moment, context.zone).date()
        for moment in ((times.start, times.end) if times else (context.now, context.now + timedelta(days=1)))
    )
    text = str(_("Times in %(zone)s", zone=formatting.zones_of(first, after, context.zone, context.locale)))
    return Markup('<span id="zone-note">{}</span>').format(text) if times else text


def swapped_zone_note(times: Span | None) -> str:
    """Return the note for a list's new period, swapped in with the list; "" if there is nothing to swap."""
    if times is None or not wants_fragment():
        return ""
    return Markup('<span id="zone-note" hx-swap-oob="true">{}</span>').format(Markup(zone_note(times)).striptags())  # noqa: S704 - escaped


def _drawn_moment(moment: date, style: str, context: RenderContext) -> Markup:
    if not isinstance(moment, datetime):
        shown = formatting.short_date(moment, context.locale, context.now.date())
        return _time(moment, formatting.long_date(moment, context.locale), shown)
    here = formatting.in_zone(moment, context.zone)
    full = formatting.full_moment(here, context.locale)
    if style == "age":
        return _time(here, full, formatting.long_age(here, context.locale, context.now), _IS_AGE)
    if style == "moving":
        return _time(here, full, formatting.clock(here, context.locale), _IS_AGE)
    if style == "relative" and (age := formatting.age(here, context.locale, context.now)):
        return _time(here, full, age, _IS_AGE)
    return _time(here, full, _STYLES[style](here, context))


def _time(moment: date, full: str, shown: str, attribute: str = "") -> Markup:
    element = f'<time datetime="{moment.isoformat()}" title="{escape(full)}"{attribute}>{escape(shown)}</time>'
    return Markup(element)  # noqa: S704 - escaped


def _date_and_clock(here: datetime, context: RenderContext) -> str:
    return formatting.date_and_clock(here, context.locale, context.now)


_STYLES: dict[str, Callable[[datetime, RenderContext], str]] = {
    "": _date_and_clock,
    "relative": _date_and_clock,
    "date": lambda here, context: formatting.short_date(here.date(), context.locale, context.now.date()),
    "time": lambda here, context: formatting.clock(here, context.locale),
    "seconds": lambda here, context: formatting.date_and_seconds(here, context.locale, context.now),
    "full": lambda here, context: formatting.full_moment(here, context.locale),
}


def _label(value: str | None, kind: str) -> str:
    return label_in(current_render_context().locale, value, kind)


def _duration(seconds: Number | None, style: str = "") -> str:
    return formatting.spoken_duration(seconds) if style == "long" else formatting.duration(seconds)


def _number(value: Number | None, decimals: int | None = None) -> str:
    return formatting.number(value, current_render_context().locale, decimals)


def _percent(fraction: Number | None, decimals: int = 1) -> str:
    return formatting.percent(fraction, current_render_context().locale, decimals)


def _file_size(size: int | None) -> str:
    return formatting.file_size(size, current_render_context().locale)


def _money(amount: Number | None, currency: str = "USD") -> str:
    return formatting.money(amount, current_render_context().locale, currency)


def _signed(value: Number | None, decimals: int | None = None) -> str:
    return formatting.signed(value, current_render_context().locale, decimals)


def _points(fraction: Number | None) -> str:
    return formatting.points(fraction, current_render_context().locale)


def _figure(value: Number | None, kind: str = "number") -> str:
    return formatting.figure(value, kind, current_render_context().locale)


def _date_range(first: date, last: date) -> str:
    return formatting.date_span(first, last, current_render_context().locale)


def _role_name(role: str) -> str:
    return str(role_label(Role(role)))


def _avatar_tone(name: str) -> int:
    """Return the number of an avatar's color, the same on every page and after every restart."""
    return sum(map(ord, name)) % _AVATAR_TONES


FILTERS: dict[str, Callable[..., Any]] = {
    "avatar_tone": _avatar_tone,
    "date_range": _date_range,
    "duration": _duration,
    "figure": _figure,
    "file_size": _file_size,
    "full_moment": full_moment,
    "initials": formatting.initials,
    "label": _label,
    "objection_label": objection_label,
    "money": _money,
    "number": _number,
    "percent": _percent,
    "phone": formatting.phone,
    "unbroken": unbroken,
    "contact_name": formatting.contact_name,
    "points": _points,
    "role_name": _role_name,
    "signed": _signed,
    "stage_label": stage_label,
    "when": when,
}
