"""Rate limits of the JSON API: of each caller, and of failed authentication by network address.

Each user and each API key has a budget of their own, separate from those of pages, and shared by all processes. Its
size comes with the organization's plan, which is loaded with the session or key. It is counted once the caller is known
and before their permission is checked. Responses state what is left of it.

Addresses with too many failures are refused before the lookup of a token, except one that this process has verified
before. Only the failures are counted, so a valid token costs nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from flask import Flask, Response, current_app, g, request

from app.errors import TokenInvalid
from app.security.actor import Actor
from app.security.api_identity import limit_attempts
from app.security.api_requests import is_api_request
from app.security.guard import count_callers
from app.security.requesters import UNPROVED, known_requesters
from app.security.tokens import Token
from app.web.networks import network_address
from app.web.rate_limits import Sentence, add_to_shared_count, error_over, on_forgetting, reset_of, too_many
from app.web.settled_counts import Count, SettledCounts

#: Requests an hour of a network address whose token is invalid.
FAILURES_PER_HOUR = 120

_COUNTS = "switchboard_api_counts"
_HOUR = 3600
#: The count in the WSGI environment of a request.
_COUNT = "switchboard.api_count"


def init_api_rates(app: Flask) -> None:
    """Count API requests, if rate limits are enabled. Must be called before `init_limits`.

    Its headers are set after those of a view's own limits, and only replace them if fewer requests are left.
    """
    counts = app.extensions[_COUNTS] = SettledCounts(add_to_shared_count, _HOUR)
    on_forgetting(app, counts.clear)
    limit_attempts(app, _attempt)
    count_callers(app, _count)
    app.after_request(_add_headers)


def find_api_count() -> Count | None:
    """Return the requests of this caller in the current hour, or None if they are not counted."""
    count: Count | None = g.get("api_count")
    return count


def refuse_over(count: Count, sentence: Sentence = too_many) -> NoReturn:
    """Refuse the request because of a limit that is exceeded; the headers state that limit. Raises RateLimited."""
    g.api_count = count
    raise error_over(count.limit, count.remaining, count.ends_at, sentence)


def _count(actor: Actor) -> None:
    if not is_api_request() or not are_rates_limited():
        return
    environ = request.environ
    if _COUNT not in environ:  # the app is called twice for a body that arrives late
        environ[_COUNT] = _counts().hit(f"api by {actor.user_id}", actor.api_limits.requests_per_hour)
    g.api_count = environ[_COUNT]
    if g.api_count.is_over:
        refuse_over(g.api_count)


@contextmanager
def _attempt(token: Token | None) -> Iterator[None]:
    """Count a failure to authenticate in the block by network address.

    Raises RateLimited at its beginning if there were too many. An expired token is no failure: it was valid once, so
    nobody has guessed it.
    """
    if not are_rates_limited() or (token is not None and known_requesters().find(token.digest) != UNPROVED):
        yield
        return
    key = f"failed authentication at {network_address()}"
    exceeded = _counts().find_exceeded(key, FAILURES_PER_HOUR)
    if exceeded is not None:
        refuse_over(exceeded)
    try:
        yield
    except TokenInvalid:
        _counts().hit(key, FAILURES_PER_HOUR)
        raise


def _add_headers(response: Response) -> Response:
    count = find_api_count()
    left = response.headers.get("X-RateLimit-Remaining", type=int)
    if count is not None and (left is None or count.is_over or count.remaining < left):
        response.headers["X-RateLimit-Limit"] = str(count.limit)
        response.headers["X-RateLimit-Remaining"] = str(count.remaining)
        response.headers["X-RateLimit-Reset"] = str(reset_of(count.ends_at))
    return response


def are_rates_limited() -> bool:
    """Return whether this installation limits rates."""
    enabled: bool = current_app.config["SETTINGS"].rate_limits_enabled
    return enabled


def _counts() -> SettledCounts:
    counts: SettledCounts = current_app.extensions[_COUNTS]
    return counts
