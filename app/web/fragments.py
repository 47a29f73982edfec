"""Caching of template fragments and list rows by the values from which they are rendered."""

import re
import secrets
from collections.abc import Hashable, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from flask import g
from flask_babel import pgettext
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from app.caches import HashableDict, memoize
from app.db.ids import uuid7
from app.web.form_token import masked_token
from app.web.render_context import Reader, current_render_context

#: Placeholder for the form token in cached markup; no one else can guess it.
CSRF_PLACEHOLDER = secrets.token_hex()
ROW_ID_PLACEHOLDER = secrets.token_hex()
_MAX_FRAGMENTS = 2_000
#: About 1.5 kB each.
_MAX_ROWS = 8_000
#: In `g`: the IDs of rows that are new to the reader.
_NEW = "new_rows"
_NAMES_ROW = re.compile(r'<th scope="row"[^>]*>')


def fragment(name: str, /, **values: Any) -> Markup:
    """Render a template that depends only on `values`, the language, the zone and the day, and cache it.

    Values can be lists and mappings of plain values, but not Markup, which would be confused with the same unescaped
    text. Forms inside use the template global `csrf_placeholder` as their token and `id_to_come` as the ID of a row to
    create.
    """
    told = tuple([(name, _as_value(value)) for name, value in values.items()])
    text, has_form = _fragment(current_render_context().reader, name, told)
    if has_form:
        text = text.replace(CSRF_PLACEHOLDER, masked_token()).replace(ROW_ID_PLACEHOLDER, str(uuid7()))
    return Markup(text)  # noqa: S704 - a template, which escapes


def _as_value(value: Any) -> Hashable:
    """Return `value` or a hashable equivalent. Raises TypeError for Markup."""
    if type(value) is list:
        return tuple([_as_value(one) for one in value])
    if type(value) is dict:
        return HashableDict({name: _as_value(one) for name, one in value.items()})
    if type(value) is Markup:
        raise TypeError("What is marked as safe is no value of a fragment.")
    known: Hashable = value
    return known


class _Kept(NamedTuple):
    """Cached HTML, and whether it has a placeholder: looking for one in a whole list takes long."""

    text: str
    has_form: bool


def _kept(text: str) -> _Kept:
    return _Kept(text, CSRF_PLACEHOLDER in text or ROW_ID_PLACEHOLDER in text)


@memoize(_MAX_FRAGMENTS)
def _fragment(reader: Reader, name: str, values: tuple[tuple[str, Any], ...]) -> _Kept:
    return _kept(reader.templates.get_template(name).render(values))


def rows(found: Iterable[Any], draw: Macro, *shape: Hashable) -> Markup:
    """Render the rows of a list, one after the other.

    `draw` is the macro of a row. Its output depends only on the row and `shape`, so each row is cached by these values
    and the reader's language, zone and day. Rows that become late or show an age need `this_minute()` in their shape;
    forms inside use the template global `csrf_placeholder` as their token.
    """
    reader = current_render_context().reader
    new = g.get(_NEW) or frozenset()
    drawn = [(row, _row(draw, reader, shape, row)) for row in found]
    text = "".join([_with_mark(one.text) if new and _id_of(row) in new else one.text for row, one in drawn])
    has_form = any(one.has_form for _, one in drawn)
    return Markup(text.replace(CSRF_PLACEHOLDER, masked_token()) if has_form else text)  # noqa: S704 - macros escape


def mark_new(ids: Iterable[UUID]) -> None:
    """Mark the rows with these IDs as new on this page; cached rows are stored without the mark."""
    setattr(g, _NEW, frozenset(ids))


def marked(drawn: Markup, row_id: UUID) -> Markup:
    """Return a row that was rendered without `rows`, marked if it is new."""
    return Markup(_with_mark(drawn)) if row_id in g.get(_NEW, ()) else drawn  # noqa: S704 - macros escape


def _with_mark(drawn: str) -> str:
    """Add the mark of a new row to the cell that names the row: a dot, and a word for screen readers."""
    word = escape(pgettext("row of a list", "New"))
    mark = f'<span class="new-dot" title="{word}"><span class="vh">{word}: </span></span>'
    return _NAMES_ROW.sub(lambda found: found[0] + mark, drawn, count=1)


def _id_of(row: Any) -> Any:
    return getattr(row, "id", None) or getattr(getattr(row, "entry", None), "id", None)


@memoize(_MAX_ROWS)
def _row(draw: Macro, _reader: Reader, shape: tuple[Hashable, ...], row: Any) -> _Kept:
    return _kept(str(draw(row, *shape)))


def this_minute() -> datetime:
    """Return the beginning of the minute in which the page is rendered."""
    return current_render_context().now.replace(second=0, microsecond=0)
