"""Display of keyboard keys on pages."""

from markupsafe import Markup

from app.caches import memoize

#: Key names of the browser that differ from the print on keyboards.
_CAPS = {"ArrowLeft": "←", "ArrowRight": "→", "Escape": "Esc"}
_MAX_CACHED = 200


@memoize(_MAX_CACHED)
def key_caps(key: str) -> Markup:
    """Render a key, or several pressed together, named as in the browser: Ctrl+k."""
    *held, last = key.split("+")
    caps = [*held, _CAPS.get(last, last.upper() if held else last)]
    return Markup(" ").join(Markup("<kbd>{}</kbd>").format(cap) for cap in caps)


@memoize(_MAX_CACHED)
def key_hint(key: str | None) -> Markup:
    """Render the shortcut of a control next to it; "" without one.

    It is hidden from screen readers, for which the script announces it.
    """
    return Markup('<span class="key-hint" aria-hidden="true">{}</span>').format(key_caps(key)) if key else Markup()
