"""Additions to Jinja for templates: translated sentences, filters, URLs, charts."""

import re
from collections.abc import Callable, MutableMapping
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Flask, current_app, url_for
from flask.sansio.app import App
from flask.templating import Environment
from jinja2 import pass_context, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from markupsafe import Markup, escape

from app.periods import LIMITS
from app.private_apis import DirectContext
from app.web import charts, formatting
from app.web.assets import asset_url
from app.web.bundles import bundle_url, init_bundles
from app.web.drawing import FILTERS, swapped_zone_note, zone_note
from app.web.field_markup import init_field_markup
from app.web.fragments import CSRF_PLACEHOLDER, ROW_ID_PLACEHOLDER, fragment, marked, rows, this_minute
from app.web.htmx import every
from app.web.icons import drawn_icon
from app.web.key_caps import key_caps, key_hint
from app.web.output import OutputWriter
from app.web.render_context import current_render_context, init_render_context

_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
#: A picker with more options is a text field with suggestions.
MAX_OPTIONS = 50


class Templates(Environment):
    """Flask's environment, which keeps all templates, with one dict as the globals of all of them.

    Jinja layers an empty overlay over them for each template and looks up each name there whenever a template imports
    or includes another one: a page of calls does so 20 times, a twentieth of its time in the profiler. By default, it
    would keep 400 of our 600 templates, compile the others again, and take a lock to find each.
    """

    code_generator_class = OutputWriter
    context_class = DirectContext

    def __init__(self, app: App, **options: Any) -> None:
        super().__init__(app, cache_size=-1, **options)

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        """Return the source, without its indentation if it is HTML.

        The indentation is never seen in a page, and is an eighth of the output.
        """
        source = super().preprocess(source, name, filename)
        return _INDENTATION.sub("", source) if name and name.endswith(".html") else source

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the shared globals; `d` would be a template's own, which none of ours has."""
        return super().make_globals(d) if d else self.globals


def init_templating(app: Flask) -> None:
    """Add the filters and globals; Flask-Babel must already be set up with the language and zone of a request."""
    init_render_context(app)
    init_bundles(app)
    init_field_markup()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update({name: _per_request(function) for name, function in FILTERS.items()})
    app.jinja_env.filters["key_caps"] = key_caps
    app.jinja_env.globals.update(_GLOBALS)


@pass_eval_context
def translated(eval_context: EvalContext, text: str, **values: Any) -> str:
    """Translate a message (`_` in templates), trusted like the template, and fill in the escaped `values`.

    Jinja's own function determines the language each time: 20 µs, of which a page of calls has 60 and a dashboard 300.
    """
    return _with_values(eval_context, current_render_context().translations.gettext(text), values)


@pass_eval_context
def counted(eval_context: EvalContext, singular: str, plural: str, number: int, **values: Any) -> str:
    """Translate a message with a count; `num` in it is the count, formatted like all figures: 1,284."""
    context = current_render_context()
    found = context.translations.ngettext(singular, plural, number)
    return _with_values(eval_context, found, {"num": formatting.number(number, context.locale), **values})


def _with_values(eval_context: EvalContext, found: str, values: dict[str, Any]) -> str:
    if not eval_context.autoescape:
        return found % values if values else found
    if values:  # `Markup % values` does the same, but takes five times as long
        found %= {name: escape(value) for name, value in values.items()}
    return Markup(found)  # noqa: S704 - from a catalog, and escaped


def icon(name: str, label: str | None = None, cls: str = "") -> Markup:
    """Render a symbol of static/icons.svg, hidden from screen readers unless it has a `label`."""
    return drawn_icon(asset_url("icons.svg"), name, label, cls)


def picture_url(user_id: UUID, key: str | None) -> str | None:
    """Return the URL of a user's photo, different for each photo; None if there is none."""
    return url_for("users.show_picture", user_id=user_id, v=key[-12:]) if key else None


def find_url(endpoint: str, **values: Any) -> str | None:
    """Return the URL of a page, or None if this app has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def _per_request(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a filter so that it runs for each request.

    Jinja evaluates a filter of literals once, when it compiles the template, unless the filter takes the context: a
    figure would then stay in the language of the first reader.
    """

    @pass_context
    @wraps(function)
    def call(_context: Context, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return call


_GLOBALS: dict[str, Any] = {
    "_": translated,
    "asset_url": asset_url,
    "column_geometry": charts.column_geometry,
    "every": every,
    "find_url": find_url,
    "fragment": fragment,
    "icon": icon,
    "key_hint": key_hint,
    "marked": marked,
    "period_limits": LIMITS,
    "picture_url": picture_url,
    "rows": rows,
    "line_geometry": charts.line_geometry,
    "max_options": MAX_OPTIONS,
    "ngettext": counted,
    "signed_bars": charts.signed_bars,
    "sparkline_geometry": charts.sparkline_geometry,
    "bundle_url": bundle_url,
    "this_minute": this_minute,
    "id_to_come": ROW_ID_PLACEHOLDER,
    "csrf_placeholder": CSRF_PLACEHOLDER,
    "swapped_zone_note": swapped_zone_note,
    "zone_note": zone_note,
}
