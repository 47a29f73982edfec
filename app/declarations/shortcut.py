"""A single key of a feature: what it does is said on the sheet of shortcuts, and the page carries it.

An element with `data-key="c"` is what C presses (`static/js/shortcuts.js`); every such key is declared.
"""

from dataclasses import dataclass

from flask_babel import LazyString

from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Keys that do one thing, for those with `permission`."""

    keys: tuple[str, ...]
    label: LazyString
    permission: Permission
