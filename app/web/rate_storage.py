"""Rate-limit counters in PostgreSQL: one upsert a hit, exact under concurrency, in a table that is not logged.

The app's role adds to them by a function and can do nothing else; they are taken back and forgotten by that of jobs.
"""

import hashlib
import time
from dataclasses import dataclass

from flask import g
from limits.storage import Storage
from sqlalchemy import Connection, DateTime, Engine, Integer, column, delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from app.db.session import JOBS
from app.extensions import db
from app.models import RateLimit

_SCHEME = "app-database"
#: What Flask-Limiter finds the storage by; which database it is, the app knows.
STORAGE_URI = f"{_SCHEME}://"


@dataclass(frozen=True, slots=True)
class _Window:
    hits: int
    ends_at: float  # epoch seconds


class PostgresStorage(Storage):
    """A storage of the `limits` package for windows that begin with their first hit.

    Keys are stored hashed: they hold addresses and account names. The statements run outside the request's
    transaction, each committed at once. What a request has counted itself it does not ask for again.
    """

    STORAGE_SCHEME = [_SCHEME]  # noqa: RUF012 - the library's own declaration, which it types so

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the package takes for "the storage is down"."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add `amount` to the window of `key`, which begins now and lasts `expiry` seconds unless one is open."""
        counted = func.count_hit(_hashed(key), expiry, amount).table_valued(
            column("hits", Integer), column("expires_at", DateTime(timezone=True))
        )
        with _connection(db.engine if amount > 0 else db.engines[JOBS]) as connection:
            row = connection.execute(select(counted)).one()
        window = _counted()[key] = _Window(row.hits, row.expires_at.timestamp())
        return window.hits

    def get(self, key: str) -> int:
        """Hits in the open window of `key`, 0 when none is open."""
        return _window(key).hits

    def get_expiry(self, key: str) -> float:
        """When the window of `key` ends, in epoch seconds; now when none is open."""
        return _window(key).ends_at

    def check(self) -> bool:
        """Whether the database answers."""
        try:
            self.get("")
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        """Forget every window; returns how many there were."""
        _counted().clear()
        with _connection(db.engines[JOBS]) as connection:
            return connection.execute(delete(RateLimit)).rowcount

    def clear(self, key: str) -> None:
        """Forget the window of `key`."""
        _counted().pop(key, None)
        with _connection(db.engines[JOBS]) as connection:
            connection.execute(delete(RateLimit).where(RateLimit.key == _hashed(key)))


def _counted() -> dict[str, _Window]:
    """The windows that this request has added to, as they were then."""
    counted: dict[str, _Window] = g.setdefault("counted_windows", {})
    return counted


def _window(key: str) -> _Window:
    counted = _counted().get(key)
    if counted is not None:
        return counted
    is_open = (RateLimit.key == _hashed(key), RateLimit.expires_at > func.now())
    with _connection(db.engine) as connection:
        row = connection.execute(select(RateLimit.hits, RateLimit.expires_at).where(*is_open)).one_or_none()
    return _Window(row.hits, row.expires_at.timestamp()) if row else _Window(0, time.time())


def _connection(engine: Engine) -> Connection:
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
