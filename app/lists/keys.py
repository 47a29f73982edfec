"""Keyboard shortcuts of all lists."""

from flask_babel import lazy_gettext as _l

from app.declarations.shortcut import Does, Shortcut

LIST_KEYS = (
    Shortcut(keys=("f",), label=_l("Filter this list"), on_lists=True),
    Shortcut(keys=("j",), label=_l("Next row; Enter opens it"), on_lists=True, does=Does.NEXT_ROW),
    Shortcut(keys=("k",), label=_l("Previous row; Enter opens it"), on_lists=True, does=Does.PREVIOUS_ROW),
)
