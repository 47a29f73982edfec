"""Keyboard shortcuts of a call's page, and of the active call."""

from flask_babel import lazy_gettext as _l

from app.declarations.shortcut import Shortcut
from app.security.permissions import Permission

_CALL = frozenset({"calls.show"})

SHORTCUTS = (
    Shortcut(
        keys=("1", "2", "3", "4"), label=_l("Record the result of the current call"), permission=Permission.CALLS_UPDATE
    ),
    Shortcut(keys=("r",), label=_l("Go to the current call"), permission=Permission.CALLS_UPDATE),
    Shortcut(keys=("j",), label=_l("Next call in this list"), pages=_CALL),
    Shortcut(keys=("k",), label=_l("Previous call in this list"), pages=_CALL),
    Shortcut(keys=("p",), label=_l("Play or pause a recording"), pages=_CALL),
    Shortcut(keys=("[",), label=_l("Previous evidence"), pages=_CALL),
    Shortcut(keys=("]",), label=_l("Next evidence"), pages=_CALL),
    Shortcut(
        keys=("ArrowLeft", "ArrowRight"),
        label=_l("Back or forward 5 seconds, when the player has focus"),
        pages=_CALL,
    ),
)
