"""Rate-limit counters in PostgreSQL: one upsert a hit, exact under concurrency, in a table that is not logged."""

import hashlib
import time
from datetime import timedelta

from limits.storage import Storage
from sqlalchemy import Connection, Select, case, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.dml import ReturningInsert

from app.extensions import db
from app.models import RateLimit


class PostgresStorage(Storage):
    """A storage of the `limits` package for windows that begin with their first hit.

    Keys are stored hashed: they hold addresses and account names. The statements run outside the request's
    transaction, each committed at once.
    """

    STORAGE_SCHEME = None  # made by hand: there is no address to find it by

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the package takes for "the storage is down"."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add `amount` to the window of `key`, which begins now and lasts `expiry` seconds unless one is open."""
        fresh = insert(RateLimit).values(
            key=_hashed(key), hits=amount, expires_at=func.now() + timedelta(seconds=expiry)
        )
        over = RateLimit.expires_at <= func.now()
        upsert = fresh.on_conflict_do_update(
            index_elements=[RateLimit.key],
            set_={
                "hits": case((over, fresh.excluded.hits), else_=RateLimit.hits + fresh.excluded.hits),
                "expires_at": case((over, fresh.excluded.expires_at), else_=RateLimit.expires_at),
            },
        )
        return _hits(upsert.returning(RateLimit.hits))

    def get(self, key: str) -> int:
        """Hits in the open window of `key`, 0 when none is open."""
        return _hits(select(RateLimit.hits).where(RateLimit.key == _hashed(key), RateLimit.expires_at > func.now()))

    def get_expiry(self, key: str) -> float:
        """When the window of `key` ends, in epoch seconds; now when none is open."""
        with _connection() as connection:
            end = connection.scalar(select(RateLimit.expires_at).where(RateLimit.key == _hashed(key)))
        return max(end.timestamp() if end else 0, time.time())

    def check(self) -> bool:
        """Whether the database answers."""
        try:
            self.get("")
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        """Forget every window; returns how many there were."""
        with _connection() as connection:
            return connection.execute(delete(RateLimit)).rowcount

    def clear(self, key: str) -> None:
        """Forget the window of `key`."""
        with _connection() as connection:
            connection.execute(delete(RateLimit).where(RateLimit.key == _hashed(key)))


def _connection() -> Connection:
    return db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _hits(statement: Select[int] | ReturningInsert[int]) -> int:
    with _connection() as connection:
        return connection.scalar(statement) or 0


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
