"""Rate limits of views.

    @blueprint.post("/login")
    @public
    @limited(Limits("sign-in", per_address="50 per 15 minutes", per_account_and_address="10 per 15 minutes"))
    def login() -> ...

Flask-Limiter does the counting. Its own decorators would count only when the view runs; limits are therefore declared
on the view, and the library gets them as application-wide limits whose rates are those of the requested view. This
happens twice: anonymous clients are counted before permission and body are checked, so that rejected attempts count,
too, and every response states how many are left (a request that fails through no fault of the client is uncounted
afterwards); signed-in users are counted after the guard, so that requests of
others are not attributed to them. Counters are in the database, shared by all processes (`app.web.rate_storage`).
"""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias, TypeVar, cast

from flask import Flask, Response, current_app, g, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_limiter import ApplicationLimit, Limiter, RequestLimit
from limits import parse_many
from werkzeug.exceptions import HTTPException

from app import instruments
from app.errors import CsrfFailed, LazyText, RateLimited, ValidationFailed
from app.extensions import db
from app.security.actor import current_actor
from app.security.attempts import is_attempt
from app.web.body_buffering import is_body_broken, is_without_its_body, refuse_broken_body
from app.web.formatting import spoken_duration
from app.web.networks import network_address
from app.web.rate_storage import STORAGE_URI, PostgresStorage
from app.web.request_limits import init_request_limits
from app.web.requests import error_code

_LIMITS = "switchboard_limits"
_LIMITERS = "switchboard_limiters"
_FORGETTING = "switchboard_forgetting_counts"

#: Responses to requests that couldn't be read, or whose form has errors.
_REJECTED = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_TIMEOUT)

View = TypeVar("View", bound=Callable[..., Any])
#: Returns the message of a refusal from the time to wait.
Sentence: TypeAlias = Callable[[LazyText], LazyText]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on the requests of a view, as rates such as "10 per minute; 100 per day"; '' for none.

    `per_address` counts by network address; `per_account` by the email address typed into a form, whether it has an
    account or not, or by the result of `account`; `per_account_and_address` by both together; `per_user` by the
    signed-in user. For a client identified by `device`, `per_device` replaces the two limits by address. If a device
    only names itself, which others can do too (`is_device_named`), it is counted by address, and `per_address` still
    applies. Views with limits of the same name share their counts. With `is_guessing`, requests that are rejected
    before a password or a code was compared don't count. With `only_accepted`, only requests that succeed count.
    """

    name: str
    per_address: str = ""
    per_account: str = ""
    per_account_and_address: str = ""
    per_device: str = ""
    per_user: str = ""
    is_guessing: bool = False
    only_accepted: bool = False
    account: Callable[[], str] | None = None
    device: Callable[[], str] | None = None
    is_device_named: bool = False


_UNLIMITED = Limits("")


def init_limits(app: Flask) -> None:
    """Check size and text of each request, then count anonymous clients. Must be called before the guard."""
    init_request_limits(app)
    app.before_request(_read_caller)
    _init_limiter(
        app,
        _application_limit(lambda limits: limits.per_address, _address),
        _application_limit(lambda limits: limits.per_account, _account),
        _application_limit(lambda limits: limits.per_account_and_address, _account_and_address),
        _application_limit(lambda limits: limits.per_device, _device),
    )
    app.before_request(refuse_broken_body)
    app.before_request(_refuse_unreadable)
    app.after_request(_add_headers)


def init_limits_of_users(app: Flask) -> None:
    """Count signed-in users. Must be called after the guard and everything else that rejects requests."""
    _init_limiter(app, _application_limit(lambda limits: limits.per_user, _user))


def limited(limits: Limits) -> Callable[[View], View]:
    """Count every request of a view against each of `limits`."""

    def mark(view: View) -> View:
        setattr(view, _LIMITS, limits)
        return view

    return mark


def limits_of(view: Callable[..., Any]) -> Limits | None:
    """Return the limits of a view, if it has any."""
    limits: Limits | None = getattr(view, _LIMITS, None)
    return limits


def attempted_account() -> str:
    """Return the account that this request tries to access, or '' if it names none."""
    account: str = g.account_asked_for
    return account


def take_back() -> None:
    """Subtract this request from its counts, because the view's limits are not meant for it after all.

    Repeating it has no effect.
    """
    if g.get("is_taken_back"):
        return
    g.is_taken_back = True
    for counted in _current_limits():
        counted.limiter.storage.incr(counted.key, counted.limit.get_expiry(), -1)


def counters_of(limits: Limits, account: str) -> list[RequestLimit]:
    """Return the counters for `account` and for the address of this request that another view's limits have."""
    limiter = _limiters()[0]
    keys = ((limits.per_address, network_address(), _address), (limits.per_account, account, _account))
    return [
        RequestLimit(limiter, rate, [key, _scope(limits, caller)], True, True)
        for rates, key, caller in keys
        for rate in (parse_many(rates) if limiter.enabled else ())
    ]


def lift(limits: Limits, account: str) -> None:
    """Reset an account's attempts from all addresses, because its owner has been authenticated."""
    longest = max(rate.get_expiry() for rate in parse_many(limits.per_account_and_address))
    # The addresses of the attempts are unknown. This increments a number in the keys, so that counts under the old
    # number no longer apply; the number is reset when all of them have expired.
    limiter = _limiters()[0]
    if limiter.enabled:
        limiter.storage.incr(_lifting(limits, account), longest)


def is_limited() -> bool:
    """Return whether requests of this view are counted."""
    return _declared() is not _UNLIMITED


def forget_counts() -> None:
    """Make this process forget the windows it has counted in, because they were deleted from the database."""
    for limiter in _limiters():
        if limiter.enabled:  # otherwise it has no storage
            cast("PostgresStorage", limiter.storage).forget()
    for forget in current_app.extensions.get(_FORGETTING, ()):
        forget()


def on_forgetting(app: Flask, forget: Callable[[], None]) -> None:
    """Call `forget` too when this process forgets its counts."""
    app.extensions.setdefault(_FORGETTING, []).append(forget)


def add_to_shared_count(key: str, seconds: int, amount: int) -> tuple[int, float]:
    """Add to the window of a key, or to a new one of so many seconds; return its hits and its end.

    Ends the current transaction: a request that waits for a second connection while it holds one could deadlock.
    """
    db.session.rollback()
    storage = cast("PostgresStorage", _limiters()[0].storage)
    return storage.incr(key, seconds, amount), storage.get_expiry(key)


def tries_left() -> int | None:
    """Return the number of requests left after this one, or None if nothing is counted."""
    nearest = _nearest()
    return nearest.remaining if nearest else None


def refusal() -> RateLimited:
    """Build the error for this request, which Flask-Limiter has just refused."""
    return refusal_of(next(limit for limit in _current_limits() if limit.breached))


def refusal_of(passed: RequestLimit) -> RateLimited:
    """Build the error for a limit that was exceeded."""
    window = passed.window
    return error_over(passed.limit.amount, window.remaining, window.reset_time)


def too_many(pause: LazyText) -> LazyText:
    """Return the message for too many requests, with the time to wait."""
    return _l("Too many attempts. Wait %(time)s and try again.", time=pause)


def error_over(limit: int, remaining: int, ends_at: float, sentence: Sentence = too_many) -> RateLimited:
    """Build the error for a `limit` that was exceeded in a window that ends at `ends_at`, in epoch seconds."""
    instruments.refused.labels(request.url_rule.rule if request.url_rule else "none").inc()
    seconds = max(1, math.ceil(ends_at - time.time()))
    # Lazy, like the sentence around it: the reader's language is determined later.
    pause = LazyString(spoken_duration, seconds)
    return RateLimited(
        message=sentence(pause),
        retry_after=seconds,
        limit=limit,
        remaining=remaining,
        reset=reset_of(ends_at),
    )


def reset_of(ends_at: float) -> int:
    """Return the end of a window as clients get it, in whole epoch seconds; the window has ended by then."""
    return int(ends_at + 1)


def _init_limiter(app: Flask, *limits: ApplicationLimit) -> None:
    limiter = Limiter(
        _address,
        application_limits=list(limits),
        strategy="fixed-window",
        storage_uri=STORAGE_URI,
        # The storage has its own fallback: the library's starts with empty counters, and takes any error for an outage.
        in_memory_fallback_enabled=False,
        enabled=app.config["SETTINGS"].rate_limits_enabled,
        # It would send Retry-After on responses that refuse nothing; the headers are set below.
        headers_enabled=False,
    )
    limiter.request_filter(lambda: not is_limited())  # else it would evaluate all of them for each page
    limiter.logger.setLevel(logging.WARNING)  # on lower levels it logs whom it refuses
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
        scope=lambda _endpoint: _scope(_declared(), caller),
        key_function=caller,
        exempt_when=lambda: not caller(),
    )


def _scope(limits: Limits, caller: Callable[[], str]) -> str:
    return f"{limits.name} by {caller.__name__}"


def _declared() -> Limits:
    view = current_app.view_functions.get(request.endpoint or "")
    limits: Limits = getattr(view, _LIMITS, _UNLIMITED)
    return limits


def _address() -> str:
    return "" if _device() and not _declared().is_device_named else network_address()


def _account() -> str:
    return attempted_account()


def _account_and_address() -> str:
    account = attempted_account()
    if not account or _device():
        return ""
    lifted = _limiters()[0].storage.get(_lifting(_declared(), account))
    return f"{account} at {network_address()}, lifted {lifted}"


def _device() -> str:
    device: str = g.device_counted
    return f"{device} at {network_address()}" if device and _declared().is_device_named else device


def _user() -> str:
    return str(current_actor().user_id) if _declared().per_user else ""


def _lifting(limits: Limits, account: str) -> str:
    return f"{limits.name} lifted for {account}"


def _read_caller() -> None:
    """Determine the account and the device that this request counts for, before the library counts it.

    A body that can't be read is rejected only after that.
    """
    g.account_asked_for, g.device_counted, g.unreadable = "", "", None
    limits = _declared()
    if is_without_its_body():
        return  # the account is in the body
    try:
        if limits.account is not None:
            g.account_asked_for = limits.account()
        elif limits.per_account or limits.per_account_and_address:
            g.account_asked_for = request.form.get("email", "").strip().casefold()
    except (HTTPException, ValidationFailed) as error:
        g.unreadable = error
    if limits.device is not None and g.account_asked_for:
        g.device_counted = limits.device()


def _refuse_unreadable() -> None:
    """Reject a body that could not be read, now that the request has been counted by address.

    It must not be read again: that would yield only the rest of it.
    """
    if g.unreadable is not None:
        raise g.unreadable


def _nearest() -> RequestLimit | None:
    """Return the limit that was exceeded, or else the one that will be reached first."""
    return min(_current_limits(), key=lambda limit: (not limit.breached, limit.remaining), default=None)


def _proves_nothing(response: Response) -> bool:
    """Return whether the response says nothing about a secret, so that it must not make people wait.

    That is a fault of the server, or a request that was rejected before a password or a code was compared.
    """
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return True
    if _declared().only_accepted and response.status_code >= HTTPStatus.BAD_REQUEST:
        return response.status_code != HTTPStatus.TOO_MANY_REQUESTS
    is_rejected = response.status_code in _REJECTED or error_code() == CsrfFailed.code
    return _declared().is_guessing and is_rejected and not is_attempt()


def _add_headers(response: Response) -> Response:
    # A request with a broken body counts, like one whose body can't be read: its rest isn't sent in another call.
    if (is_without_its_body() and not is_body_broken()) or _proves_nothing(response):
        take_back()
    nearest = _nearest()
    if nearest is not None:
        response.headers["X-RateLimit-Limit"] = str(nearest.limit.amount)
        response.headers["X-RateLimit-Remaining"] = str(nearest.remaining)
        response.headers["X-RateLimit-Reset"] = str(nearest.reset_at)
    return response
