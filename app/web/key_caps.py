"""Keys as pages draw them."""

from markupsafe import Markup

from app.kept import kept

#: What keyboards print on keys that browsers call otherwise.
_CAPS = {"ArrowLeft": "←", "ArrowRight": "→", "Escape": "Esc"}
_MOST = 200


@kept(_MOST)
def key_caps(key: str) -> Markup:
    """A key, or several that are pressed together, as a browser names them: Ctrl+k."""
    *held, last = key.split("+")
    caps = [*held, _CAPS.get(last, last.upper() if held else last)]
    return Markup(" ").join(Markup("<kbd>{}</kbd>").format(cap) for cap in caps)


@kept(_MOST)
def key_hint(key: str | None) -> Markup:
    """The key that presses a control, at the control; "" without one. A screen reader is told by the script."""
    return Markup('<span class="key-hint" aria-hidden="true">{}</span>').format(key_caps(key)) if key else Markup()
