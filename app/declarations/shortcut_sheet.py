"""The sheet of keyboard shortcuts: those of the current page, and those of every page."""

from collections.abc import Iterable
from dataclasses import dataclass

from babel import Locale
from flask import Flask, request
from flask_babel import get_locale

from app.caches import memoize
from app.declarations.place import GO
from app.declarations.registry import Registry, registry
from app.declarations.shortcut import Does, Shortcut
from app.security.actor import Actor
from app.security.matrix import permissions_of
from app.security.permissions import Permission, Role

_MAX_CACHED = 2_000


@dataclass(frozen=True, slots=True)
class SheetLine:
    """Keys with their effect; `does` is set if the script handles them itself."""

    keys: tuple[str, ...]
    label: str
    does: Does | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Shortcuts of the current page, or of all single pages, and shortcuts of every page.

    `go` is pressed before the key of a place.
    """

    here: tuple[SheetLine, ...]
    everywhere: tuple[SheetLine, ...]
    go: str = GO


def init_shortcut_sheet(app: Flask) -> None:
    """Make the sheet available in templates."""
    app.jinja_env.globals.update(shortcuts_for=shortcuts_for)


def shortcuts_for(actor: Actor) -> Sheet:
    """Return the shortcuts available to `actor` on the current page."""
    return _sheet(registry(), actor.role, actor.granted, get_locale(), request.endpoint or "")


def all_shortcuts(actor: Actor) -> Sheet:
    """Return all shortcuts available to `actor`: those of single pages, and those of every page."""
    return _sheet(registry(), actor.role, actor.granted, get_locale(), None)


@memoize(_MAX_CACHED)
def _sheet(known: Registry, role: Role, granted: frozenset[Permission], _locale: Locale, endpoint: str | None) -> Sheet:
    rights = permissions_of(role) | granted
    offered = [one for one in known.shortcuts if one.permission is None or one.permission in rights]
    here = [one for one in offered if not one.is_everywhere and (endpoint is None or known.has_key(endpoint, one))]
    return Sheet(_lines(here), _lines(one for one in offered if one.is_everywhere))


def _lines(shortcuts: Iterable[Shortcut]) -> tuple[SheetLine, ...]:
    return tuple(dict.fromkeys(SheetLine(one.keys, str(one.label), one.does) for one in shortcuts))
