"""Rate-limit counters in PostgreSQL: one upsert a hit, exact under concurrency, in a table that is not logged.

While the database is gone each process counts in memory, from what it knew, and tells the database afterwards: nobody
gets a new budget by it. A request that ran out of time, or found no free connection, says nothing of the database; it
ends with its own error, and is let on to nothing that is limited.

The app's role adds to them by a function and can do nothing else; they are taken back and forgotten by that of jobs.
"""

import hashlib
import time
from datetime import UTC, datetime

import structlog
from flask import g
from limits.storage import Storage
from sqlalchemy import Connection, DateTime, Engine, Integer, column, delete, func, select
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.db.deadline import DeadlineExceeded
from app.db.session import JOBS
from app.extensions import db
from app.models import RateLimit
from app.web.known_windows import KnownWindows, Window

_log = structlog.get_logger("switchboard.limits")

_SCHEME = "app-database"
#: What Flask-Limiter finds the storage by; which database it is, the app knows.
STORAGE_URI = f"{_SCHEME}://"

_QUERY_CANCELED, _LOCK_NOT_AVAILABLE = "57014", "55P03"


class PostgresStorage(Storage):
    """A storage of the `limits` package for windows that begin with their first hit.

    Keys are stored hashed: they hold addresses and account names. The statements run outside the request's
    transaction, each committed at once. What a request has counted or asked for itself it does not ask for again,
    nor a database that it has found gone.
    """

    STORAGE_SCHEME = [_SCHEME]  # noqa: RUF012 - the library's own declaration, which it types so

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._known = KnownWindows()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the package takes for "the storage is down"."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add `amount` to the window of `key`, which begins now and lasts `expiry` seconds unless one is open."""
        key = _hashed(key)
        window = None if _is_gone() else self._count_in_database(key, expiry, amount)
        _counted()[key] = window = window or self._known.count(key, expiry, amount)
        return window.hits

    def get(self, key: str) -> int:
        """Hits in the open window of `key`, 0 when none is open."""
        return self._window(_hashed(key)).hits

    def get_expiry(self, key: str) -> float:
        """When the window of `key` ends, in epoch seconds; now when none is open."""
        return self._window(_hashed(key)).ends_at

    def check(self) -> bool:
        """Whether the database answers."""
        try:
            _read("")
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        """Forget every window; returns how many there were."""
        _counted().clear()
        self._known.clear()
        with _connection(db.engines[JOBS]) as connection:
            return connection.execute(delete(RateLimit)).rowcount

    def clear(self, key: str) -> None:
        """Forget the window of `key`."""
        key = _hashed(key)
        _counted().pop(key, None)
        self._known.forget(key)
        with _connection(db.engines[JOBS]) as connection:
            connection.execute(delete(RateLimit).where(RateLimit.key == key))

    def _count_in_database(self, key: str, expiry: int, amount: int) -> Window | None:
        """The window as it stands then, with what was counted while the database was gone; None while it is."""
        owed = self._known.take_owed(key)
        try:
            window = _add(key, expiry, amount, owed)
        except SQLAlchemyError as error:
            if owed is not None:
                self._known.give_back(key, owed)
            _note_gone(error)
            return None
        self._known.keep(key, window)
        return window

    def _window(self, key: str) -> Window:
        if key not in _counted():
            _counted()[key] = self._ask(key)
        return _counted()[key]

    def _ask(self, key: str) -> Window:
        if not _is_gone():
            try:
                return _read(key)
            except SQLAlchemyError as error:
                _note_gone(error)
        return self._known.find(key) or _none_open()


def _counted() -> dict[str, Window]:
    """The windows that this request has added to or asked for, as they were then."""
    counted: dict[str, Window] = g.setdefault("counted_windows", {})
    return counted


def _is_gone() -> bool:
    """Whether this request has found the database gone."""
    return bool(g.get("counters_are_gone"))


def _note_gone(error: SQLAlchemyError) -> None:
    """Have this request count in memory. Raises `error` where time or connections have run out, or values are wrong."""
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    is_late = isinstance(error, DBAPIError) and isinstance(error.orig, DeadlineExceeded)
    if is_late or isinstance(error, (DataError, PoolTimeoutError)) or state in {_QUERY_CANCELED, _LOCK_NOT_AVAILABLE}:
        raise error
    g.counters_are_gone = True
    _log.warning("the counters of limits are gone, this process counts for itself", cause=type(error).__name__)


def _add(key: str, expiry: int, amount: int, owed: Window | None) -> Window:
    # A database that has lost the window is told of all of it, one that kept it of what it missed.
    untold = amount if owed is None else owed.owed + amount
    known = None if owed is None else owed.hits + amount
    ends_at = None if owed is None else datetime.fromtimestamp(owed.ends_at, UTC)
    counted = func.count_hit(key, expiry, untold, known, ends_at).table_valued(
        column("hits", Integer), column("expires_at", DateTime(timezone=True))
    )
    with _connection(db.engine if untold > 0 else db.engines[JOBS]) as connection:
        row = connection.execute(select(counted)).one()
    return Window(row.hits, row.expires_at.timestamp())


def _read(key: str) -> Window:
    is_open = (RateLimit.key == key, RateLimit.expires_at > func.now())
    with _connection(db.engine) as connection:
        row = connection.execute(select(RateLimit.hits, RateLimit.expires_at).where(*is_open)).one_or_none()
    return Window(row.hits, row.expires_at.timestamp()) if row else _none_open()


def _none_open() -> Window:
    return Window(0, time.time())


def _connection(engine: Engine) -> Connection:
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
