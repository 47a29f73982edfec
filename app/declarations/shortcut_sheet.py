"""The sheet of shortcuts: the keys that the page at hand answers to, and those of every page."""

from collections.abc import Iterable
from dataclasses import dataclass

from babel import Locale
from flask import Flask, request
from flask_babel import get_locale

from app.declarations.place import GO
from app.declarations.registry import Registry, registry
from app.declarations.shortcut import Does, Shortcut
from app.kept import kept
from app.security.actor import Actor
from app.security.matrix import permissions_of
from app.security.permissions import Permission, Role

_MOST = 2_000


@dataclass(frozen=True, slots=True)
class SheetLine:
    """Keys with what they do; the script looks up what it `does` of its own."""

    keys: tuple[str, ...]
    label: str
    does: Does | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page at hand answers to, and every page; `go` is pressed before the key of a place."""

    here: tuple[SheetLine, ...]
    everywhere: tuple[SheetLine, ...]
    go: str = GO


def init_shortcut_sheet(app: Flask) -> None:
    """Let templates show it."""
    app.jinja_env.globals.update(shortcuts_for=shortcuts_for)


def shortcuts_for(actor: Actor) -> Sheet:
    """What `actor` may press on the page at hand."""
    return _sheet(registry(), actor.role, actor.granted, get_locale(), request.endpoint or "")


def all_shortcuts(actor: Actor) -> Sheet:
    """What `actor` may press on whatever page."""
    return _sheet(registry(), actor.role, actor.granted, get_locale(), None)


@kept(_MOST)
def _sheet(known: Registry, role: Role, granted: frozenset[Permission], _locale: Locale, endpoint: str | None) -> Sheet:
    rights = permissions_of(role) | granted
    offered = [one for one in known.shortcuts if one.permission is None or one.permission in rights]
    here = [one for one in offered if not one.is_everywhere and (endpoint is None or known.has_key(endpoint, one))]
    return Sheet(_lines(here), _lines(one for one in offered if one.is_everywhere))


def _lines(shortcuts: Iterable[Shortcut]) -> tuple[SheetLine, ...]:
    return tuple(dict.fromkeys(SheetLine(one.keys, str(one.label), one.does) for one in shortcuts))
