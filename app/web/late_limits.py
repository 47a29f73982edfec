"""Rate limits by facts that a view learns only while it runs, such as the account that a password opens."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import InvalidCredentials
from app.web.rate_limits import Limits, counters_of, refusal_of


@contextmanager
def counted(limits: Limits, account: str) -> Iterator[None]:
    """Count the block as an attempt at a secret of `account`, together with those of the views that have `limits`.

    It is uncounted afterwards unless it raises InvalidCredentials. Raises RateLimited if a limit is exceeded.
    """
    counters = counters_of(limits, account)
    for counter in counters:
        if not counter.limiter.hit(counter.limit, *counter.request_args):
            raise refusal_of(counter)
    is_wrong = False
    try:
        yield
    except InvalidCredentials:
        is_wrong = True
        raise
    finally:
        for counter in () if is_wrong else counters:
            counter.limiter.storage.incr(counter.key, counter.limit.get_expiry(), -1)
