"""Rate-limit counters in a PostgreSQL table, unlogged: one upsert per hit, exact under concurrency.

While the database is unavailable, each process counts in memory, starting from its last known counts, and reports to
the database afterwards, so no client gets a new budget. A timeout or an exhausted connection pool does not indicate an
outage; such a request ends with its own error, and gets no access to anything limited.

The app's role can read the counters and, through a function, add to them; the jobs role decrements and deletes them.
"""

import hashlib
import time
from datetime import UTC, datetime

import structlog
from flask import g
from limits.storage import Storage
from sqlalchemy import Connection, Engine, delete, func, select
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.db.deadline import DeadlineExceeded
from app.db.session import JOBS
from app.extensions import db
from app.models import RateLimit
from app.private_apis import fetch_rows
from app.web.rate_windows import KnownWindows, Window

_log = structlog.get_logger("switchboard.limits")

_SCHEME = "app-database"
#: Scheme by which Flask-Limiter finds the storage; the database is that of the app.
STORAGE_URI = f"{_SCHEME}://"

#: Sent as text: to build the statement for each limited request takes longer than to execute it.
_COUNT_HIT = """
    SELECT hits, expires_at
    FROM count_hit(%(key)s, %(expiry)s::integer, %(untold)s::integer, %(known)s::integer, %(ends_at)s::timestamptz)
"""

_QUERY_CANCELED, _LOCK_NOT_AVAILABLE = "57014", "55P03"


class PostgresStorage(Storage):
    """Storage of the `limits` package for windows that begin with their first hit.

    Keys are stored hashed, because they contain addresses and account names. Statements run outside the request's
    transaction, each committed immediately. A request remembers the counts it has written or read, and an outage it has
    found.
    """

    STORAGE_SCHEME = [_SCHEME]  # noqa: RUF012 - the library's own declaration and type

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._known = KnownWindows()

    @property
    def base_exceptions(self) -> type[Exception]:
        """Exceptions that the `limits` package regards as an outage of the storage."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add `amount` to the window of `key`, or to a new one that lasts `expiry` seconds; return its hits.

        A negative amount is never lost: if the database doesn't respond, it is reported afterwards.
        """
        key = _hashed(key)
        try:
            window = None if _is_gone() else self._count_in_database(key, expiry, amount)
        except SQLAlchemyError as error:
            if amount > 0:
                raise
            _log.warning("hits are subtracted later", cause=type(error).__name__)
            window = None
        _counted()[key] = window = window or self._known.count(key, expiry, amount)
        return window.hits

    def get(self, key: str) -> int:
        """Return the hits in the open window of `key`, or 0."""
        return self._window(_hashed(key)).hits

    def get_expiry(self, key: str) -> float:
        """Return the time at which the window of `key` ends, in epoch seconds; now if none is open."""
        return self._window(_hashed(key)).ends_at

    def check(self) -> bool:
        """Return whether the database responds."""
        try:
            _read("")
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        """Delete all windows and return their number."""
        _counted().clear()
        self._known.clear()
        with _connection(db.engines[JOBS]) as connection:
            return connection.execute(delete(RateLimit)).rowcount

    def forget(self) -> None:
        """Forget the windows that this process knows, but not those in the database."""
        self._known.clear()

    def clear(self, key: str) -> None:
        """Delete the window of `key`."""
        key = _hashed(key)
        _counted().pop(key, None)
        self._known.forget(key)
        with _connection(db.engines[JOBS]) as connection:
            connection.execute(delete(RateLimit).where(RateLimit.key == key))

    def _count_in_database(self, key: str, expiry: int, amount: int) -> Window | None:
        """Count in the database, with the hits owed from an outage, and return the window.

        If the database is unavailable, returns None and owes those hits again. Raises an error that isn't an outage,
        such as a timeout.
        """
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
    """Return the windows that this request has written or read, with the values of that moment."""
    counted: dict[str, Window] = g.setdefault("counted_windows", {})
    return counted


def _is_gone() -> bool:
    """Return whether this request has found the database unavailable."""
    return bool(g.get("counters_are_gone"))


def _note_gone(error: SQLAlchemyError) -> None:
    """Make the rest of this request count in memory, because the database is unavailable.

    Raises `error` if it is a timeout, an exhausted pool, or wrong values.
    """
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    is_late = isinstance(error, DBAPIError) and isinstance(error.orig, DeadlineExceeded)
    if is_late or isinstance(error, (DataError, PoolTimeoutError)) or state in {_QUERY_CANCELED, _LOCK_NOT_AVAILABLE}:
        raise error
    g.counters_are_gone = True
    _log.warning("the counters of limits are gone, this process counts for itself", cause=type(error).__name__)


def _add(key: str, expiry: int, amount: int, owed: Window | None) -> Window:
    # A database that has lost the window is sent all hits; one that still has it only those it missed.
    untold = amount if owed is None else owed.owed + amount
    known = None if owed is None else owed.hits + amount
    ends_at = None if owed is None else datetime.fromtimestamp(owed.ends_at, UTC)
    values = {"key": key, "expiry": expiry, "untold": untold, "known": known, "ends_at": ends_at}
    with _connection(db.engine if untold > 0 else db.engines[JOBS]) as connection:
        [row] = fetch_rows(connection, _COUNT_HIT, values)
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
