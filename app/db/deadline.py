"""How long the work at hand may still wait for the database.

The server ends statements that take too long, but not when it is frozen itself, or when the network swallows every
packet: then nothing comes back at all. So each wait of a connection also ends on this side, with the deadline of the
work it serves. A connection that was given up on is closed: whatever its server does later, it can only roll back.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any, LiteralString, Self, TypeAlias

import psycopg
from psycopg import Copy
from psycopg.abc import RV, Params, PQGen, Query
from psycopg.conninfo import make_conninfo
from psycopg.copy import Writer
from psycopg.rows import TupleRow

CONNECT_SECONDS = 5

_LOOK_SECONDS = 0.1  # how often a wait looks up to see whether it was interrupted; the library's own figure

#: Over TCP, a peer that has vanished is noticed after a minute even where no deadline is set (the worker, a command).
_KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}


_Statement: TypeAlias = tuple[LiteralString, Params]


class DeadlineExceeded(psycopg.OperationalError):
    """The deadline passed while the database was waited for; the connection is closed."""


class Deadline:
    """So many seconds from now on, for everything together."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: float | None = monotonic() + seconds

    def left(self) -> float:
        """Seconds that the next wait may take; 0 when the time is over."""
        return self._seconds if self._ends is None else max(0.0, self._ends - monotonic())

    def hold_for_each_wait(self) -> None:
        """From now on the time counts for each wait alone: a download takes as long as its reader."""
        self._ends = None


_deadline: ContextVar[Deadline | None] = ContextVar("switchboard_deadline", default=None)


@contextmanager
def use_deadline(seconds: float) -> Iterator[Deadline]:
    """Give the work inside the block `seconds` in all to wait for the database."""
    deadline = Deadline(seconds)
    token = _deadline.set(deadline)
    try:
        yield deadline
    finally:
        _deadline.reset(token)


class _Cursor(psycopg.Cursor[TupleRow]):
    """Sends what its connection has ahead together with the next statement, in one round trip."""

    def execute(self, query: Any, params: Params | None = None, **how: Any) -> Self:
        ahead = self._ahead()
        if ahead is None:
            return super().execute(query, params, **how)
        with self.connection.pipeline():
            psycopg.Cursor(self.connection).execute(*ahead)
            return super().execute(query, params, **how)

    def executemany(self, query: Query, params_seq: Iterable[Params], *, returning: bool = False) -> None:
        self._send_ahead()
        super().executemany(query, params_seq, returning=returning)

    @contextmanager
    def copy(self, statement: Query, params: Params | None = None, *, writer: Writer | None = None) -> Iterator[Copy]:
        self._send_ahead()
        with super().copy(statement, params, writer=writer) as copy:
            yield copy

    def _ahead(self) -> _Statement | None:
        return self.connection.take_ahead() if isinstance(self.connection, DeadlineConnection) else None

    def _send_ahead(self) -> None:
        ahead = self._ahead()
        if ahead is not None:
            psycopg.Cursor(self.connection).execute(*ahead)


class _ServerCursor(psycopg.ServerCursor[TupleRow]):
    """Declared after what its connection has ahead: it can be in no pipeline."""

    def execute(self, query: Any, params: Params | None = None, **how: Any) -> Self:
        ahead = self.connection.take_ahead() if isinstance(self.connection, DeadlineConnection) else None
        if ahead is not None:
            psycopg.Cursor(self.connection).execute(*ahead)
        return super().execute(query, params, **how)


class DeadlineConnection(psycopg.Connection[TupleRow]):
    """A connection whose every wait ends with the deadline, if the work at hand has one.

    What is to be said before the next statement of a transaction (`say_ahead`) goes with it, and with its BEGIN: three
    round trips in one. Where no statement follows it is not said.
    """

    _said_ahead: _Statement | None = None

    def say_ahead(self, query: LiteralString, params: Params) -> None:
        """Let `query`, whose result nobody wants, go with the next statement; in place of what has not gone yet."""
        self._said_ahead = (query, params)

    def take_ahead(self) -> _Statement | None:
        """What is to go with the statement that is sent now; None if there is nothing."""
        ahead, self._said_ahead = self._said_ahead, None
        return ahead

    def commit(self) -> None:
        """Commit; what nothing followed is forgotten."""
        self._said_ahead = None
        super().commit()

    def rollback(self) -> None:
        """Roll back; what nothing followed is forgotten."""
        self._said_ahead = None
        super().rollback()

    def wait(self, gen: PQGen[RV], interval: float = _LOOK_SECONDS, timeout: float | None = None) -> RV:
        """Wait for an exchange with the server. Raises DeadlineExceeded; a COMMIT is not even sent then."""
        deadline = _deadline.get()
        if deadline is None:
            return super().wait(gen, interval, timeout)
        began, left = monotonic(), deadline.left()
        if left > 0:
            try:
                return super().wait(gen, interval, left)
            except psycopg.OperationalError:
                if monotonic() - began < left:
                    raise
        self.pgconn.finish()
        raise DeadlineExceeded("The database did not answer in time.")


def connecting_to(url: str) -> Callable[[], psycopg.Connection[Any]]:
    """Makes connections to `url`; each attempt takes CONNECT_SECONDS at most."""

    def connect() -> psycopg.Connection[Any]:
        deadline = _deadline.get()
        left = CONNECT_SECONDS if deadline is None else math.ceil(deadline.left())
        if left == 0:
            raise DeadlineExceeded("No time was left to connect to the database.")
        connection = DeadlineConnection.connect(
            cursor_factory=_Cursor,
            conninfo=make_conninfo(
                url, connect_timeout=min(CONNECT_SECONDS, left), application_name="switchboard", **_KEEPALIVE
            ),
            # Prepared statements belong to a server connection, which a transaction pooler hands from client to client.
            prepare_threshold=None,
        )
        connection.server_cursor_factory = _ServerCursor
        return connection

    return connect
