"""Keyboard shortcuts, each declared by the feature whose control it activates; one sheet lists all of them.

An element with `data-key="c"` is activated by C (`static/js/shortcuts.js`); it can have several keys. An element with
`data-near-key` is activated only while the focus is in its part of the page (`data-keys`), so that a key with a meaning
in the browser, such as an arrow, is not intercepted elsewhere.
"""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString

from app.security.permissions import Permission


class Does(StrEnum):
    """A shortcut that the script handles itself, without a control; it looks up the key by this name."""

    CLOSE = "close"
    NEXT_ROW = "next-row"
    PREVIOUS_ROW = "previous-row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """Keys, as browsers name them and the screen shows them, with their effect; each is pressed alone.

    It is available to people with `permission` (everyone if None), on `pages` (endpoints), and on all lists if
    `on_lists`; on every page if neither is set.
    """

    keys: tuple[str, ...]
    label: LazyString
    permission: Permission | None = None
    pages: frozenset[str] = frozenset()
    on_lists: bool = False
    does: Does | None = None

    @property
    def is_everywhere(self) -> bool:
        """True if the shortcut is available on every page."""
        return not self.pages and not self.on_lists
