"""A key that pages answer to, declared by the feature whose control it presses; one sheet lists all of them.

An element with `data-key="c"` is what C presses (`static/js/shortcuts.js`); several keys stand beside each other. One
with `data-near-key` is pressed only while the focus is in the part of the page (`data-keys`) that it belongs to: a key
of the browser, such as an arrow, is taken nowhere else.
"""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString

from app.security.permissions import Permission


class Does(StrEnum):
    """What the script does of its own, because no one control does it; by this name it looks up the key."""

    CLOSE = "close"
    NEXT_ROW = "next-row"
    PREVIOUS_ROW = "previous-row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """Keys, as browsers name them and the screen shows them, with what they do; each of them is pressed alone.

    Offered to who has `permission` (None: everybody), on `pages` (endpoints) and on all lists where it is `on_lists`;
    on every page where it says neither.
    """

    keys: tuple[str, ...]
    label: LazyString
    permission: Permission | None = None
    pages: frozenset[str] = frozenset()
    on_lists: bool = False
    does: Does | None = None

    @property
    def is_everywhere(self) -> bool:
        """Whether every page may have it."""
        return not self.pages and not self.on_lists
