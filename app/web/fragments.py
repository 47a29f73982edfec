"""What templates keep: fragments and rows of lists, by the values that they are drawn from."""

import re
import secrets
from collections.abc import Hashable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app, g
from flask.templating import Environment
from flask_babel import pgettext
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from app.db.ids import uuid7
from app.kept import Values, kept
from app.web.assets import asset_url
from app.web.form_token import masked_token
from app.web.render_context import current_render_context

#: Where the token of forms will stand in what is kept; nobody else can write it.
TOKEN_TO_COME = secrets.token_hex()
ID_TO_COME = secrets.token_hex()
_MOST_FRAGMENTS = 2_000
#: Some 1.5 kB each.
_MOST_ROWS = 8_000
#: In `g`: the ids of rows that are new to who reads the page.
_NEW = "new_rows"
_NAMES_ROW = re.compile(r'<th scope="row"[^>]*>')


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
    new = g.get(_NEW) or frozenset()
    drawn = ((row, _row(draw, reader, shape, row)) for row in found)
    text = "".join([_with_mark(one) if new and _id_of(row) in new else one for row, one in drawn])
    return Markup(text.replace(TOKEN_TO_COME, masked_token()) if TOKEN_TO_COME in text else text)  # noqa: S704 - macros escape


def mark_new(ids: Iterable[UUID]) -> None:
    """Have the rows of these ids marked as new where this page draws them. What is kept of a row has no mark."""
    setattr(g, _NEW, frozenset(ids))


def marked(drawn: Markup, row_id: UUID) -> Markup:
    """A row that is drawn without `rows`, marked if it is new."""
    return Markup(_with_mark(drawn)) if row_id in g.get(_NEW, ()) else drawn  # noqa: S704 - macros escape


def _with_mark(drawn: str) -> str:
    """In the cell that names the row: a dot, and its word for those who do not see it."""
    word = escape(pgettext("row of a list", "New"))
    mark = f'<span class="new-dot" title="{word}"><span class="vh">{word}: </span></span>'
    return _NAMES_ROW.sub(lambda found: found[0] + mark, drawn, count=1)


def _id_of(row: Any) -> Any:
    return getattr(row, "id", None) or getattr(getattr(row, "entry", None), "id", None)


@kept(_MOST_ROWS)
def _row(draw: Macro, _reader: Hashable, shape: tuple[Hashable, ...], row: Any) -> str:
    return str(draw(row, *shape))


def this_minute() -> datetime:
    """The beginning of the minute in which the page is written."""
    return current_render_context().now.replace(second=0, microsecond=0)
