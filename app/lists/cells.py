"""Rendering of table cells: a field's value as lists show it, for the reader of the page."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from markupsafe import Markup, escape

from app.declarations.field import (
    Choice,
    Duration,
    Field,
    Id,
    Kind,
    Moment,
    Money,
    Number,
    Person,
    Phone,
    Tags,
    Text,
    YesOrNo,
)
from app.declarations.resource import Resource
from app.web import formatting
from app.web.drawing import unbroken, when
from app.web.labels import label_in, yes_or_no
from app.web.render_context import current_render_context

Draw = Callable[[Any], Markup | str]

_NUMERIC = (Duration, Number, Money)


def drawer(kind: Kind) -> Draw:
    """Return the function that renders values of `kind` for the current reader; unknown ones are a dash."""
    return _DRAWERS[type(kind)](kind)


def cells_drawer(fields: Sequence[Field]) -> Callable[[Any], Markup]:
    """Return the function that renders adjacent cells of these fields for a row of their list."""
    # Rendered values are escaped where they are created: labels, numbers, times, and text by `escape`.
    parts = [(_start_of(field), attrgetter(field.attribute), drawer(field.kind)) for field in fields]
    return lambda row: Markup("".join([f"{start}{draw(value(row))}</td>" for start, value, draw in parts]))  # noqa: S704 - each part is escaped


def draw(resource: Resource, name: str, value: Any) -> Markup | str:
    """Return the value of the field `name` rendered as in lists, for a page about one record."""
    return drawer(resource.field(name).kind)(value)


def _start_of(field: Field) -> str:
    column = field.column
    classes = (
        "r" if is_numeric(field) else "",
        column.priority.value if column else "",
        "nowrap" if column and column.is_whole else "",
    )
    of = " ".join(filter(None, classes))
    return f'<td class="{of}">' if of else "<td>"


def is_numeric(field: Field) -> bool:
    """Return whether the field's column has numbers and is right-aligned."""
    return isinstance(field.kind, _NUMERIC)


def _text(_kind: Kind) -> Draw:
    return lambda value: escape(value) if value else formatting.UNKNOWN


def _moment(kind: Kind) -> Draw:
    style = kind.style if isinstance(kind, Moment) else ""
    return lambda value: when(value, style)


def _duration(_kind: Kind) -> Draw:
    return formatting.duration


def _number(_kind: Kind) -> Draw:
    locale = current_render_context().locale
    return lambda value: formatting.number(value, locale)


def _money(kind: Kind) -> Draw:
    if not isinstance(kind, Money):
        raise TypeError(kind)
    locale, decimals = current_render_context().locale, kind.decimals
    return lambda value: formatting.money(value, locale, decimals=decimals)


def _phone(_kind: Kind) -> Draw:
    return lambda value: escape(unbroken(formatting.phone(value)))  # an invalid number is shown unchanged


def _tags(_kind: Kind) -> Draw:
    return lambda value: escape(", ".join(_lines(value))) if value else formatting.UNKNOWN


def _lines(value: str | Sequence[str]) -> Sequence[str]:
    """Return the strings of a field of tags, which a list selects as lines and a record has as a list."""
    return value.split("\n") if isinstance(value, str) else value


def _choice(kind: Kind) -> Draw:
    if not isinstance(kind, Choice):
        raise TypeError(kind)
    name, tones, locale = kind.kind.__name__, kind.tones, current_render_context().locale
    # Few values and many rows: each value is rendered once per page.
    drawn: dict[str | None, Markup] = {
        value.value: _badged(label_in(locale, value.value, name), tones.get(value.value)) for value in kind.kind
    }
    drawn[None] = escape(formatting.UNKNOWN)
    return drawn.__getitem__


def _yes_or_no(kind: Kind) -> Draw:
    tone = kind.tone_of_no if isinstance(kind, YesOrNo) else ""
    drawn = {True: escape(yes_or_no(is_so=True)), False: _badged(yes_or_no(is_so=False), tone)}
    return drawn.__getitem__


def _badged(words: str, tone: str | None) -> Markup:
    return Markup('<span class="badge badge--{}">{}</span>').format(tone, words) if tone else escape(words)


_DRAWERS: Mapping[type[Any], Callable[[Any], Draw]] = {
    Text: _text,
    Id: _text,
    Moment: _moment,
    Duration: _duration,
    Number: _number,
    Money: _money,
    Phone: _phone,
    Tags: _tags,
    Choice: _choice,
    YesOrNo: _yes_or_no,
    Person: _text,
}
