"""Faults on our side or beyond: bugs, the database, other services, maintenance, time."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors.base import DomainError, Sentence


class InternalError(DomainError):
    """A bug. Tells nothing of the inside; the trace id finds it in the log."""

    code, status, title = "INTERNAL_ERROR", 500, _l("Something broke on our side")
    default_message = _l("This did not work, and it is our fault. Nothing was saved.")
    default_advice = _l("Try again. If it happens again, tell support the request id.")


class _TryAgainLater(DomainError):
    """Passes by itself after about `retry_after` seconds."""

    status, default_retry_after = 503, 5
    title = _l("Not available just now")
    default_advice = _l("Try again in a moment.")

    def __init__(self, message: Sentence | None = None, retry_after: int | None = None, **extra: Any) -> None:
        super().__init__(message, retry_after=self.default_retry_after if retry_after is None else retry_after, **extra)


class ExternalServiceError(_TryAgainLater):
    """A provider failed, was too slow, or its circuit is open."""

    code, status, default_retry_after = "EXTERNAL_SERVICE_ERROR", 502, 30
    default_message = _l("A service we depend on did not answer.")


class DatabaseUnavailable(_TryAgainLater):
    """Gone, starting, or three retries of a serialisation failure or deadlock were not enough."""

    code = "DATABASE_ERROR"
    default_message = _l("The database can’t be reached. Nothing was saved.")


class Overloaded(_TryAgainLater):
    """No database connection became free in time."""

    code = "SERVICE_OVERLOADED"
    default_message = _l("Too many people are asking at once.")


class StorageFull(_TryAgainLater):
    """There is no room for a file; what is there stays as it is."""

    code, default_retry_after = "SERVICE_OVERLOADED", 300
    title = _l("No room for files")
    default_message = _l("There is no room for files left, so this was not taken. Keep it where it is.")
    default_advice = _l("Tell whoever runs Switchboard, and send it again later.")


class StorageUnavailable(_TryAgainLater):
    """Where files are kept can't be reached."""

    code, default_retry_after = "SERVICE_OVERLOADED", 30
    title = _l("Files can’t be reached")
    default_message = _l("Files can’t be reached now. Nothing was saved.")


class ShuttingDown(_TryAgainLater):
    """The process has been told to stop and takes no new work."""

    code, default_retry_after = "SERVICE_SHUTTING_DOWN", 30
    default_message = _l("The service is restarting.")


class Maintenance(_TryAgainLater):
    """`estimated_downtime` is the seconds until work is expected to be done, None when nobody knows."""

    code, title = "SERVICE_MAINTENANCE", _l("We are working on it")
    default_message = _l("Switchboard is down for maintenance. Calls are still answered and recorded.")
    default_advice = _l("This page comes back by itself; nothing you saved is lost.")

    def __init__(self, *, until: datetime | None, estimated_downtime: int | None, retry_after: int) -> None:
        super().__init__(retry_after=retry_after, estimated_downtime=estimated_downtime)
        self.until = until


class RequestTimeout(DomainError):
    """A statement or the request ran past its limit; the transaction is rolled back."""

    code, status, title = "REQUEST_TIMEOUT", 504, _l("That took too long")
    default_message = _l("It was stopped because it took too long. Nothing was saved.")
    default_advice = _l("Ask for less at once, a shorter period for example, and try again.")


class BodyTimeout(RequestTimeout):
    """What was sent did not come to its end in time; nothing was done."""

    status = 408
    default_message = _l("What you sent took too long to get here. Nothing was saved.")
    default_advice = _l("Check your connection, and send it again.")
