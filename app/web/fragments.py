"""What templates keep: fragments and rows of lists, by the values that they are drawn from."""

import secrets
from collections.abc import Hashable, Iterable
from datetime import datetime
from typing import Any

from flask import current_app
from flask.templating import Environment
from jinja2.runtime import Macro
from markupsafe import Markup

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
