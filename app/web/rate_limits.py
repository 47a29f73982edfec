"""How often somebody may ask.

    @blueprint.post("/login")
    @public
    @limited(Limits("sign-in", per_address="50 per 15 minutes", per_account_and_address="10 per 15 minutes"))
    def login() -> ...

Flask-Limiter counts. Its own decorators would count only once the view runs; therefore limits stand on the view as a
declaration, and the library gets them as limits of the whole application whose rates are those of the view that is
asked for. It does so twice: strangers are counted before the permission and the body are looked at, so that a refused
try counts too and every answer says how many are left; who is signed in is counted after the guard, so that nobody
else's requests are taken for theirs. Counters live in the database, where all processes share them
(`app.web.rate_storage`).
"""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any, TypeVar

import structlog
from flask import Flask, Response, current_app, g, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_limiter import ApplicationLimit, Limiter, RequestLimit
from limits import parse_many
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from app import instruments
from app.errors import RateLimited, ValidationFailed
from app.security.actor import current_actor
from app.web.awaited_body import is_without_its_body
from app.web.formatting import spoken_duration
from app.web.rate_storage import STORAGE_URI
from app.web.request_limits import init_request_limits

_log = structlog.get_logger("switchboard.limits")

_LIMITS = "switchboard_limits"
_LIMITERS = "switchboard_limiters"

#: Whoever has one IPv6 address has all of its network.
_IPV6_NETWORK = 64

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Limits:
    """So many requests in a while: rates such as "10 per minute; 100 per day", or '' for none.

    `per_address` counts whoever sits behind one network address, `per_account` the e-mail address typed into a form,
    whether somebody has it or not, or else what `account` says, `per_account_and_address` both together, and `per_user`
    who is signed in. Whom `device` names is counted by `per_device` alone. Views with limits of the same name share
    their counts.
    """

    name: str
    per_address: str = ""
    per_account: str = ""
    per_account_and_address: str = ""
    per_device: str = ""
    per_user: str = ""
    account: Callable[[], str] | None = None
    device: Callable[[], str] | None = None


_UNLIMITED = Limits("")


def init_limits(app: Flask) -> None:
    """Check size and text of each request, then count strangers. Plug in before the guard."""
    init_request_limits(app)
    app.before_request(_read_caller)
    _init_limiter(
        app,
        _application_limit(lambda limits: limits.per_address, _address),
        _application_limit(lambda limits: limits.per_account, _account),
        _application_limit(lambda limits: limits.per_account_and_address, _account_and_address),
        _application_limit(lambda limits: limits.per_device, _device),
    )
    app.before_request(_refuse_unreadable)
    app.after_request(_add_headers)


def init_limits_of_users(app: Flask) -> None:
    """Count who is signed in. Plug in after the guard, and whatever else sends people away."""
    _init_limiter(app, _application_limit(lambda limits: limits.per_user, _user))


def limited(limits: Limits) -> Callable[[View], View]:
    """Count every request of a view against each of `limits`."""

    def mark(view: View) -> View:
        setattr(view, _LIMITS, limits)
        return view

    return mark


def account_asked_for() -> str:
    """The account whose tries this request is one of."""
    account: str = g.account_asked_for
    return account


def take_back() -> None:
    """Don't count this request after all: it turned out not to be what the view's limits are there for."""
    try:
        for counted in _current_limits():
            counted.limiter.storage.incr(counted.key, counted.limit.get_expiry(), -1)
    except SQLAlchemyError as error:
        _log.warning("a request stays counted", cause=str(error))


def lift(limits: Limits, account: str) -> None:
    """Let an account begin anew with its tries, at all addresses: its owner has proved who they are."""
    longest = max(rate.get_expiry() for rate in parse_many(limits.per_account_and_address))
    # Nobody knows at which addresses it was tried. What was counted under the number before counts no more; that number
    # comes back when all of it is over.
    _limiters()[0].storage.incr(_lifting(limits, account), longest)


def tries_left() -> int | None:
    """How many requests are left after this one before it is refused; None when nothing is counted."""
    nearest = _nearest()
    return nearest.remaining if nearest else None


def refusal() -> RateLimited:
    """The error of this request, which the library has just refused."""
    instruments.refused.labels(request.url_rule.rule if request.url_rule else "none").inc()
    passed = next(limit for limit in _current_limits() if limit.breached)
    seconds = max(1, math.ceil(passed.window.reset_time - time.time()))
    # Lazy, like the sentence around it: in whose language it is read turns out later.
    pause = LazyString(spoken_duration, seconds)
    return RateLimited(
        message=_l("That was too often. Wait %(time)s and try again.", time=pause),
        retry_after=seconds,
        limit=passed.limit.amount,
        remaining=passed.remaining,
        reset=passed.reset_at,
    )


def _init_limiter(app: Flask, *limits: ApplicationLimit) -> None:
    limiter = Limiter(
        _address,
        application_limits=list(limits),
        strategy="fixed-window",
        storage_uri=STORAGE_URI,
        # The storage has its own: the library's begins with empty counters, and takes any error for a dead store.
        in_memory_fallback_enabled=False,
        enabled=app.config["SETTINGS"].rate_limits_enabled,
        # It would say when to retry on answers that refuse nothing: the headers are written below.
        headers_enabled=False,
    )
    limiter.request_filter(lambda: _declared() is _UNLIMITED)  # or it would work all of them out for each page
    limiter.logger.setLevel(logging.WARNING)  # below that it names whom it refuses
    app.extensions.setdefault(_LIMITERS, []).append(limiter)
    limiter.init_app(app)


def _limiters() -> list[Limiter]:
    limiters: list[Limiter] = current_app.extensions[_LIMITERS]
    return limiters


def _current_limits() -> list[RequestLimit]:
    return [limit for limiter in _limiters() for limit in limiter.current_limits]


def _application_limit(rates: Callable[[Limits], str], caller: Callable[[], str]) -> ApplicationLimit:
    return ApplicationLimit(
        limit_provider=lambda: rates(_declared()),
        scope=lambda _endpoint: f"{_declared().name} by {caller.__name__}",
        key_function=caller,
        exempt_when=lambda: not caller(),
    )


def _declared() -> Limits:
    view = current_app.view_functions.get(request.endpoint or "")
    limits: Limits = getattr(view, _LIMITS, _UNLIMITED)
    return limits


def _address() -> str:
    return "" if _device() else _network()


def _account() -> str:
    return account_asked_for()


def _account_and_address() -> str:
    account = account_asked_for()
    if not account or _device():
        return ""
    lifted = _limiters()[0].storage.get(_lifting(_declared(), account))
    return f"{account} at {_network()}, lifted {lifted}"


def _device() -> str:
    device: str = g.device_counted
    return device


def _user() -> str:
    return str(current_actor().user_id) if _declared().per_user else ""


def _network() -> str:
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or ""
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((int(address), _IPV6_NETWORK), strict=False))
    return str(address)


def _lifting(limits: Limits, account: str) -> str:
    return f"{limits.name} lifted for {account}"


def _read_caller() -> None:
    """Find out whom to count, before the library does: a form that cannot be read is refused after it was counted."""
    g.account_asked_for, g.device_counted, g.unreadable = "", "", None
    limits = _declared()
    if is_without_its_body():
        return  # whose account it is stands in the body
    if limits.account is not None:
        g.account_asked_for = limits.account()
    elif limits.per_account or limits.per_account_and_address:
        try:
            g.account_asked_for = request.form.get("email", "").strip().casefold()
        except (HTTPException, ValidationFailed) as error:
            g.unreadable = error
    if limits.device is not None and g.account_asked_for:
        g.device_counted = limits.device()


def _refuse_unreadable() -> None:
    """Only now that it is counted by its address; whoever reads it again finds the rest of it."""
    if g.unreadable is not None:
        raise g.unreadable


def _nearest() -> RequestLimit | None:
    """Of the limits that this request counts against, the one that was passed or will be first."""
    return min(_current_limits(), key=lambda limit: (not limit.breached, limit.remaining), default=None)


def _add_headers(response: Response) -> Response:
    if is_without_its_body():
        take_back()  # what is counted is a request that can do something
    nearest = _nearest()
    if nearest is not None:
        response.headers["X-RateLimit-Limit"] = str(nearest.limit.amount)
        response.headers["X-RateLimit-Remaining"] = str(nearest.remaining)
        response.headers["X-RateLimit-Reset"] = str(nearest.reset_at)
    return response
