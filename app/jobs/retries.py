"""When a job that failed is tried again, and when it is not."""

import random
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from app.db.constraints import translate
from app.errors import DomainError


@dataclass(frozen=True, slots=True)
class Retries:
    """How patient a kind of job is: each wait is twice the one before it, up to `longest_wait`."""

    most_tries: int = 5
    first_wait: timedelta = timedelta(seconds=10)
    longest_wait: timedelta = timedelta(hours=1)

    def wait_after(self, tries: int, error: BaseException) -> timedelta | None:
        """How long to wait when try number `tries` has failed with `error`; None when it was the last.

        A random part of up to a half is taken off, so that what failed together is not tried together again; who
        asks for more patience than that gets it.
        """
        if tries >= self.most_tries or not is_worth_retrying(error):
            return None
        ceiling: timedelta = min(self.first_wait * 2 ** (tries - 1), self.longest_wait)
        wait = ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret
        asked = error.retry_after if isinstance(error, DomainError) else None
        return max(wait, timedelta(seconds=asked or 0))


def is_worth_retrying(error: BaseException) -> bool:
    """Whether the same job may end otherwise: not when the data is at fault, which stays as it is.

    Everything else is tried again: a service or database out of reach, a collision, and a bug of ours, which may be
    mended in the meantime.
    """
    if isinstance(error, DBAPIError):
        return translate(error) is None
    return not isinstance(error, DomainError) or error.status >= 500
