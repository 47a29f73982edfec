"""A deadline for the time that the current work can wait for the database.

The server ends statements that take too long, but not if it is frozen itself or the network drops every packet: then no
response arrives at all. So each wait of a connection also ends on this side, at the deadline of the work it serves. A
connection that was given up is closed: whatever the server does later, it can only roll back.
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

_LOOK_SECONDS = 0.1  # how often a wait checks whether it was interrupted; psycopg's own default

#: Over TCP, a vanished peer is detected after a minute even if there is no deadline (the worker, a command).
_KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}


_Statement: TypeAlias = tuple[LiteralString, Params]


class DeadlineExceeded(psycopg.OperationalError):
    """Expiry of the deadline while waiting for the database; the connection is closed."""


class Deadline:
    """A time limit that starts now and is shared by all waits of one piece of work."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: float | None = monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that the next wait can take; 0 after the deadline."""
        return self._seconds if self._ends is None else max(0.0, self._ends - monotonic())

    def hold_for_each_wait(self) -> None:
        """Apply the limit to each wait separately from now on.

        A download, for example, takes as long as its reader.
        """
        self._ends = None


_deadline: ContextVar[Deadline | None] = ContextVar("switchboard_deadline", default=None)


@contextmanager
def use_deadline(seconds: float) -> Iterator[Deadline]:
    """Let the block wait for the database for `seconds` in total."""
    deadline = Deadline(seconds)
    token = _deadline.set(deadline)
    try:
        yield deadline
    finally:
        _deadline.reset(token)


class _Cursor(psycopg.Cursor[TupleRow]):
    """A cursor that sends its connection's pending statement with the next one, in one round trip."""

    @property
    def description(self) -> Any:
        """Name and type of each column of the result, as plain tuples; None if it has no columns.

        SQLAlchemy reads them for each statement. The driver's own objects find out sizes and precisions, too.
        """
        result = self.pgresult
        if result is None or result.nfields == 0:
            return super().description
        names = ((result.fname(place) or b"").decode() for place in range(result.nfields))
        return [(name, result.ftype(place), None, None, None, None, None) for place, name in enumerate(names)]

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
    """A server-side cursor that sends the pending statement separately: it can't run in a pipeline."""

    def execute(self, query: Any, params: Params | None = None, **how: Any) -> Self:
        ahead = self.connection.take_ahead() if isinstance(self.connection, DeadlineConnection) else None
        if ahead is not None:
            psycopg.Cursor(self.connection).execute(*ahead)
        return super().execute(query, params, **how)


class DeadlineConnection(psycopg.Connection[TupleRow]):
    """A connection whose waits all end at the deadline, if the current work has one.

    The pending statement of a transaction (`send_ahead`) is sent with the BEGIN and the next statement, in one round
    trip instead of three. If no statement follows, it is not sent.
    """

    _sent_ahead: _Statement | None = None

    def send_ahead(self, query: LiteralString, params: Params) -> None:
        """Send `query` with the next statement and ignore its result; it replaces any pending one."""
        self._sent_ahead = (query, params)

    def take_ahead(self) -> _Statement | None:
        """Remove and return the pending statement; None if there is none."""
        ahead, self._sent_ahead = self._sent_ahead, None
        return ahead

    def commit(self) -> None:
        """Commit, and discard a pending statement."""
        self._sent_ahead = None
        super().commit()

    def rollback(self) -> None:
        """Roll back, and discard a pending statement."""
        self._sent_ahead = None
        super().rollback()

    def wait(self, gen: PQGen[RV], interval: float = _LOOK_SECONDS, timeout: float | None = None) -> RV:
        """Wait for an exchange with the server, at most until the deadline.

        Raises DeadlineExceeded. After the deadline, a COMMIT is not even sent.
        """
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
    """Return a function that connects to `url`; each attempt takes at most CONNECT_SECONDS."""

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
            # Prepared statements belong to a server connection, which a transaction pooler passes from client to
            # client.
            prepare_threshold=None,
        )
        connection.server_cursor_factory = _ServerCursor
        return connection

    return connect
