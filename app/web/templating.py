"""What templates can use beyond Jinja: filters in the reader's language and zone, addresses, navigation, charts.

Filters are thin: the words and figures are made in `app.web.formatting`, which knows no request.
"""

import re
import secrets
from collections.abc import Callable, Hashable, Iterable, MutableMapping
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Flask, current_app, url_for
from flask.templating import Environment
from flask_babel import gettext as _
from jinja2 import pass_context, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from app.db.ids import uuid7
from app.kept import Values, kept
from app.periods import LIMITS, Span
from app.security.permissions import Role, role_label
from app.web import charts, formatting
from app.web.bundles import bundle_url, init_bundles
from app.web.form_token import masked_token
from app.web.formatting import Number
from app.web.htmx import wants_fragment
from app.web.icons import drawn_icon
from app.web.labels import label_in, objection_label, stage_label
from app.web.output import OutputWriter
from app.web.render_context import RenderContext, current_render_context, init_render_context

_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
_AVATAR_TONES = 6
#: A phone number as `formatting.phone` writes it, in a longer text too; a tag, which may hold one, is another match.
_PHONE = re.compile(r"<[^>]*>|(\(\d{3}\) \d{3}-\d{4}|\+\d[\d -]{6,}\d)")
_MOST_FRAGMENTS = 2_000
#: Where the token of forms will stand in what is kept; nobody else can write it.
TOKEN_TO_COME = secrets.token_hex()
ID_TO_COME = secrets.token_hex()
#: Some 1.5 kB each.
_MOST_ROWS = 8_000
_IS_AGE = " data-age"
#: A picker of more is a text field with suggestions.
MAX_OPTIONS = 50


class Templates(Environment):
    """Flask's environment, whose globals are one dict.

    Jinja puts an empty overlay above them for each template, in which it looks up each name anew wherever a template
    imports or includes another one: a page of calls imports 20 times, a twentieth of its time by the profiler.
    """

    code_generator_class = OutputWriter

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        """A template without its indentation, which nobody reads in a page: an eighth of what would be sent."""
        source = super().preprocess(source, name, filename)
        return _INDENTATION.sub("", source) if name and name.endswith(".html") else source

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template; `d` would be its own, which none of ours has."""
        return super().make_globals(d) if d else self.globals


def init_templating(app: Flask) -> None:
    """Add the filters and globals; Flask-Babel must know how to find the language and the zone of a request."""
    init_render_context(app)
    init_bundles(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update({name: _per_request(function) for name, function in _FILTERS.items()})
    app.jinja_env.globals.update(_GLOBALS)


@pass_eval_context
def translated(eval_context: EvalContext, text: str, **values: Any) -> str:
    """What `_` means in a template: the text is trusted, as the template is, and `values` are escaped.

    Jinja's own finds the language anew each time: 20 µs, of which a page of calls has 60 and a dashboard 300.
    """
    return _with_values(eval_context, current_render_context().translations.gettext(text), values)


@pass_eval_context
def counted(eval_context: EvalContext, singular: str, plural: str, number: int, **values: Any) -> str:
    """The same of what is counted; `num` in it is the count, written as all figures are: 1,284."""
    context = current_render_context()
    found = context.translations.ngettext(singular, plural, number)
    return _with_values(eval_context, found, {"num": formatting.number(number, context.locale), **values})


def _with_values(eval_context: EvalContext, found: str, values: dict[str, Any]) -> str:
    if not eval_context.autoescape:
        return found % values if values else found
    if values:  # `Markup % values` does the same, in five times the time
        found %= {name: escape(value) for name, value in values.items()}
    return Markup(found)  # noqa: S704 - of a catalogue, and escaped


def asset_url(path: str) -> str:
    """Address of a file under static/, for example "js/ui.js"; kept for a page: every icon asks for the same."""
    addresses = current_render_context().assets
    known = addresses.get(path)
    if known is None:
        known = addresses[path] = url_for("static", filename=path)
    return known


def icon(name: str, label: str | None = None, cls: str = "") -> Markup:
    """A symbol of static/icons.svg, hidden from screen readers unless `label` says what it means."""
    return drawn_icon(asset_url("icons.svg"), name, label, cls)


def picture_url(user_id: UUID, key: str | None) -> str | None:
    """The address of somebody's picture, another one for each picture; None where they have none."""
    return url_for("users.show_picture", user_id=user_id, v=key[-12:]) if key else None


def find_url(endpoint: str, **values: Any) -> str | None:
    """The address of a page, or None where this app has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def when(moment: datetime | date | None, style: str = "") -> str | Markup:
    """A moment as `<time>` with the whole of it on hover.

    Styles: "" (Nov 20, 2:41 PM), "date", "time", "seconds" (the first with them), "full" (with year and zone),
    "relative" (6 min ago, within the hour), "age" (3 hr ago, however long), "moving" (the time of what moves with the
    clock). A date without a time is shown as a date. None is a dash.
    """
    if moment is None:
        return formatting.UNKNOWN
    context = current_render_context()
    drawn = context.moments.get((moment, style))
    if drawn is None:
        drawn = context.moments[moment, style] = _drawn_moment(moment, style, context)
    return drawn


def fragment(name: str, /, **values: Any) -> Markup:
    """What a template makes of nothing but `values`, kept by them and by the language and the day.

    Lists and mappings of plain values may be among them; what is marked as safe may not, it would be found in place of
    the same text that is not. A form in it has TOKEN_TO_COME as its token, and ID_TO_COME as the id of a row to make.
    """
    context = current_render_context()
    text = _fragment(
        current_app.jinja_env,
        name,
        (context.locale, context.zone, context.now.date(), asset_url("icons.svg")),
        tuple([(name, _as_value(value)) for name, value in values.items()]),
    )
    if TOKEN_TO_COME in text:
        text = text.replace(TOKEN_TO_COME, masked_token())
    if ID_TO_COME in text:
        text = text.replace(ID_TO_COME, str(uuid7()))
    return Markup(text)  # noqa: S704 - a template, which escapes


def _as_value(value: Any) -> Hashable:
    """`value`, or its like that can be a key. Raises TypeError for what is marked as safe."""
    if type(value) is list:
        return tuple([_as_value(one) for one in value])
    if type(value) is dict:
        return Values({name: _as_value(one) for name, one in value.items()})
    if type(value) is Markup:
        raise TypeError("What is marked as safe is no value of a fragment.")
    known: Hashable = value
    return known


@kept(_MOST_FRAGMENTS)
def _fragment(environment: Environment, name: str, _reader: Hashable, values: tuple[tuple[str, Any], ...]) -> str:
    return environment.get_template(name).render(values)


def rows(found: Iterable[Any], draw: Macro, *shape: Hashable) -> Markup:
    """The rows of a list, one after the other.

    `draw` is the macro of a row. It writes from the row and `shape` alone, so that each is kept by its values, for the
    language, the zone and the day of whoever reads. What becomes late, or writes an age, has `this_minute()` in its
    shape; a form in it has TOKEN_TO_COME as its token.
    """
    context = current_render_context()
    reader = (context.locale, context.zone, context.now.date(), asset_url("icons.svg"))
    text = "".join([_row(draw, reader, shape, row) for row in found])
    return Markup(text.replace(TOKEN_TO_COME, masked_token()) if TOKEN_TO_COME in text else text)  # noqa: S704 - macros escape


@kept(_MOST_ROWS)
def _row(draw: Macro, _reader: Hashable, shape: tuple[Hashable, ...], row: Any) -> str:
    return str(draw(row, *shape))


def this_minute() -> datetime:
    """The beginning of the minute in which the page is written."""
    return current_render_context().now.replace(second=0, microsecond=0)


def unbroken(text: Any) -> Any:
    """A text whose phone numbers are not broken into lines; what is no text stays as it is."""
    if not isinstance(text, str) or not ("(" in text or "+" in text):
        return text
    return Markup(_PHONE.sub(_in_one_line, str(escape(text))))  # noqa: S704 - escaped


def _in_one_line(found: re.Match[str]) -> str:
    return f'<span class="nowrap">{found[1]}</span>' if found[1] else found[0]


def zone_note(times: Span | None = None) -> str:
    """Times in CST, with the offset from UTC: that of `times`, or of today; both where the clocks change in between.

    The note of a list is found again, and follows its period (`swapped_zone_note`).
    """
    context = current_render_context()
    first, after = (
        formatting.in_zone(moment, context.zone).date()
        for moment in ((times.start, times.end) if times else (context.now, context.now + timedelta(days=1)))
    )
    text = str(_("Times in %(zone)s", zone=formatting.zones_of(first, after, context.zone, context.locale)))
    return Markup('<span id="zone-note">{}</span>').format(text) if times else text


def swapped_zone_note(times: Span | None) -> str:
    """The note for the new period of a list, beside a list that is swapped alone."""
    if times is None or not wants_fragment():
        return ""
    return Markup('<span id="zone-note" hx-swap-oob="true">{}</span>').format(Markup(zone_note(times)).striptags())  # noqa: S704 - escaped


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
    """The same person has the same colour on every page and after every restart."""
    return sum(map(ord, name)) % _AVATAR_TONES


_FILTERS: dict[str, Callable[..., Any]] = {
    "avatar_tone": _avatar_tone,
    "date_range": _date_range,
    "duration": _duration,
    "figure": _figure,
    "file_size": _file_size,
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

_GLOBALS: dict[str, Any] = {
    "_": translated,
    "asset_url": asset_url,
    "column_geometry": charts.column_geometry,
    "find_url": find_url,
    "fragment": fragment,
    "icon": icon,
    "period_limits": LIMITS,
    "picture_url": picture_url,
    "rows": rows,
    "line_geometry": charts.line_geometry,
    "max_options": MAX_OPTIONS,
    "ngettext": counted,
    "sparkline_geometry": charts.sparkline_geometry,
    "bundle_url": bundle_url,
    "this_minute": this_minute,
    "id_to_come": ID_TO_COME,
    "token_to_come": TOKEN_TO_COME,
    "swapped_zone_note": swapped_zone_note,
    "zone_note": zone_note,
}
