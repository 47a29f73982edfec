"""How often somebody may ask.

    @blueprint.post("/login")
    @public
    @limited(SIGN_IN_PER_ADDRESS, SIGN_IN_PER_ACCOUNT)
    def login() -> ...

Counting comes before the permission and the body are looked at, so that a refused try counts too and every answer of
a limited route says how many are left. Counters live in the database, where all processes share them; while it is
gone each process counts for itself.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from flask import Flask, Response, current_app, g, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from app.errors import RateLimited
from app.web.intake import init_intake
from app.web.rate_storage import PostgresStorage

_log = structlog.get_logger("switchboard.limits")

_SHARED_IS_TRIED_AGAIN_AFTER = 10.0  # seconds: each try waits for a connection

_LIMITS = "switchboard_limits"
_COUNTERS = "switchboard_counters"

View = TypeVar("View", bound=Callable[..., Any])


def by_address() -> str:
    """Whoever sits behind one network address."""
    return request.remote_addr or ""


def by_account() -> str:
    """The e-mail address typed into a form, whether somebody has it or not."""
    return request.form.get("email", "").strip().casefold()


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in a while. Routes with a limit of the same name share its count.

    `by` tells who is counted; an empty answer counts nobody.
    """

    name: str
    rate: RateLimitItem
    by: Callable[[], str]


SIGN_IN_PER_ACCOUNT = Limit("sign-in-account", parse("10 per 15 minutes"), by_account)
SIGN_IN_PER_ADDRESS = Limit("sign-in-address", parse("50 per 15 minutes"), by_address)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands with one limit; it starts anew at `resets_at` (epoch seconds)."""

    allowed: int
    remaining: int
    resets_at: float
    is_passed: bool

    @property
    def reset(self) -> int:
        """`resets_at` in whole seconds: not before it."""
        return math.ceil(self.resets_at)


@dataclass(slots=True)
class _Counters:
    """Counts in the database, and for itself while the database does not answer."""

    shared: Storage
    own: Storage = field(default_factory=MemoryStorage)
    shared_is_down_until: float = 0.0

    def count(self, limit: Limit, who: str) -> Standing:
        if time.monotonic() >= self.shared_is_down_until:
            try:
                return _count(self.shared, limit, who)
            except self.shared.base_exceptions as error:
                _log.warning("rate limits are counted per process", cause=str(error))
                self.shared_is_down_until = time.monotonic() + _SHARED_IS_TRIED_AGAIN_AFTER
        return _count(self.own, limit, who)

    def take_back(self, limit: Limit, who: str) -> None:
        key, lasts = limit.rate.key_for(limit.name, who), limit.rate.get_expiry()
        try:
            self.shared.incr(key, lasts, -1)
        except self.shared.base_exceptions as error:
            _log.warning("a request stays counted", limit=limit.name, cause=str(error))


def init_limits(app: Flask) -> None:
    """Check size and text of each request, then count those of limited routes."""
    init_intake(app)
    app.extensions[_COUNTERS] = _Counters(PostgresStorage())
    if app.config["SETTINGS"].rate_limits_enabled:
        app.before_request(_count_request)
        app.after_request(_add_headers)


def limited(*limits: Limit) -> Callable[[View], View]:
    """Count every request of a view against each of `limits`."""

    def mark(view: View) -> View:
        setattr(view, _LIMITS, limits)
        return view

    return mark


def take_back(*limits: Limit) -> None:
    """Don't count this request after all: it turned out not to be what `limits` are there for."""
    counters: _Counters = current_app.extensions[_COUNTERS]
    for limit in limits:
        who = limit.by()
        if who and current_app.config["SETTINGS"].rate_limits_enabled:
            counters.take_back(limit, who)


def tries_left() -> int | None:
    """How many requests are left after this one before it is refused; None when nothing is counted."""
    standing: Standing | None = g.get("rate_limit")
    return standing.remaining if standing else None


def _count(storage: Storage, limit: Limit, who: str) -> Standing:
    window = FixedWindowRateLimiter(storage)
    is_within = window.hit(limit.rate, limit.name, who)
    stats = window.get_window_stats(limit.rate, limit.name, who)
    return Standing(limit.rate.amount, max(0, stats.remaining), stats.reset_time, not is_within)


def _count_request() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    limits: tuple[Limit, ...] = getattr(view, _LIMITS, ())
    counters: _Counters = current_app.extensions[_COUNTERS]
    for limit in limits:
        who = limit.by()
        if who:
            _note(counters.count(limit, who))


def _note(standing: Standing) -> None:
    """Keep the limit that is nearest to being passed for the headers; refuse when this one is passed."""
    nearest: Standing | None = g.get("rate_limit")
    if nearest is None or standing.remaining < nearest.remaining or standing.is_passed:
        g.rate_limit = standing
    if standing.is_passed:
        raise RateLimited(
            retry_after=max(1, math.ceil(standing.resets_at - time.time())),
            limit=standing.allowed,
            remaining=standing.remaining,
            reset=standing.reset,
        )


def _add_headers(response: Response) -> Response:
    standing: Standing | None = g.get("rate_limit")
    if standing is not None:
        response.headers["X-RateLimit-Limit"] = str(standing.allowed)
        response.headers["X-RateLimit-Remaining"] = str(standing.remaining)
        response.headers["X-RateLimit-Reset"] = str(standing.reset)
    return response
