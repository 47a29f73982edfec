"""Maintenance mode: everyone except the platform's admins is told when to come back.

The switch is a row in the database (`flask maintenance on|off`), which every process reads through a short-lived cache.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import Flask, current_app, request
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.db.usage import unmeasured
from app.errors import DomainError, Maintenance
from app.extensions import db
from app.models import SystemSettings
from app.security.actor import find_actor
from app.security.guard import is_static
from app.security.permissions import Permission
from app.web.rate_limits import forget_counts, is_limited

CACHE_SECONDS = 5.0
#: Retry time if the duration is unknown.
UNKNOWN_DOWNTIME_SECONDS = 300

CACHE = "switchboard_maintenance"
_OPEN = "switchboard_open_during_maintenance"

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Window:
    """State of maintenance mode, its expected end if known, and the time when all caches were last reset."""

    is_on: bool = False
    until: datetime | None = None
    caches_reset_at: datetime | None = None


@dataclass(slots=True)
class _Cached:
    window: Window
    read_at: float
    caches_reset_at: datetime | None = None


def init_maintenance(app: Flask) -> None:
    """Refuse requests during maintenance, before any work is done for them."""
    app.extensions[CACHE] = _Cached(Window(), read_at=-math.inf)
    app.before_request(_refuse_during_maintenance)


def open_during_maintenance(view: View) -> View:
    """Keep a view available during maintenance, such as a health check or the sign-in of a platform admin."""
    setattr(view, _OPEN, True)
    return view


def maintenance_window() -> Window:
    """Return the current window, at most CACHE_SECONDS old.

    Also forgets this process's rate-limit counts, once, after all caches have been reset.
    """
    cached: _Cached = current_app.extensions[CACHE]
    now = time.monotonic()
    if now - cached.read_at > CACHE_SECONDS:
        window = _read_window()
        if window.caches_reset_at not in {None, cached.caches_reset_at}:
            forget_counts()  # before another thread regards the window as read, and counts
            cached.caches_reset_at = window.caches_reset_at
        cached.window, cached.read_at = window, now
    return cached.window


def _read_window() -> Window:
    columns = select(SystemSettings.maintenance_on, SystemSettings.maintenance_until, SystemSettings.caches_reset_at)
    try:
        # Not a query of the request: the number of a page's queries would vary.
        with unmeasured(), db.engine.connect() as connection:
            row = connection.execute(columns).one()
    except SQLAlchemyError:
        return Window()  # an unreachable database has an error of its own
    return Window(row.maintenance_on, row.maintenance_until, row.caches_reset_at)


def _refuse_during_maintenance() -> None:
    endpoint = request.endpoint or ""
    is_open = is_static(endpoint) or getattr(current_app.view_functions.get(endpoint), _OPEN, False)
    if is_open and not is_limited():
        return
    window = maintenance_window()  # before anything is counted: after a reset, this process forgets its counts
    if window.is_on and not is_open and not _is_platform_admin():
        left = _seconds_until(window.until)
        raise Maintenance(until=window.until, seconds_left=left, retry_after=left or UNKNOWN_DOWNTIME_SECONDS)


def _is_platform_admin() -> bool:
    try:
        actor = find_actor()
    except (DomainError, SQLAlchemyError):
        return False
    return actor is not None and actor.may(Permission.MAINTENANCE_WRITE)


def _seconds_until(moment: datetime | None) -> int | None:
    """Return the seconds until `moment`: None if `moment` is None, 0 if it has passed."""
    return None if moment is None else max(0, math.ceil((moment - datetime.now(UTC)).total_seconds()))
