"""Symbols of static/icons.svg."""

from markupsafe import Markup, escape

from app.caches import memoize

_MAX_CACHED = 1_000


@memoize(_MAX_CACHED)
def drawn_icon(sheet: str, name: str, label: str | None, css: str) -> Markup:
    """Render the symbol `name` of the file at `sheet`; hidden from screen readers unless it has a `label`."""
    classes = f"icon {css}" if css else "icon"
    meaning = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    element = f'<svg class="{escape(classes)}" {meaning}><use href="{escape(sheet)}#{escape(name)}"/></svg>'
    return Markup(element)  # noqa: S704 - escaped
