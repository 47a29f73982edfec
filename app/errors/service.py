"""Errors on our side or in the services we depend on: bugs, the database, providers, maintenance, timeouts."""

import math
from datetime import datetime, timedelta
from typing import Any

from flask_babel import LazyString, format_timedelta
from flask_babel import lazy_gettext as _l

from app.errors.base import DomainError, LazyText


class InternalError(DomainError):
    """A bug on our side.

    The response reveals no internals; its trace id identifies the error in the log.
    """

    code, status, title = "INTERNAL_ERROR", 500, _l("Something broke on our side")
    default_message = _l("We hit an unexpected error. Nothing was saved.")
    default_advice = _l("Try again. If it keeps happening, give support the request ID.")


_TWO_HOURS = 7_200


class _TryAgainLater(DomainError):
    """A temporary error that is expected to clear after about `retry_after` seconds."""

    status, default_retry_after = 503, 5
    title = _l("Not available right now")
    default_advice = _l("Try again in a moment.")

    def __init__(self, message: LazyText | None = None, retry_after: int | None = None, **extra: Any) -> None:
        super().__init__(message, retry_after=self.default_retry_after if retry_after is None else retry_after, **extra)


class ExternalServiceError(_TryAgainLater):
    """A provider that failed or was too slow, or whose circuit breaker is open."""

    code, status, default_retry_after = "EXTERNAL_SERVICE_ERROR", 502, 30
    default_message = _l("A service we depend on didn’t respond.")


class DatabaseUnavailable(_TryAgainLater):
    """A database that is down or starting, or transactions that still collide after all retries."""

    code = "DATABASE_ERROR"
    default_message = _l("The database can’t be reached. Nothing was saved.")


class Overloaded(_TryAgainLater):
    """A lack of free database connections: none became available in time."""

    code = "SERVICE_OVERLOADED"
    default_message = _l("Too many requests at the same time.")


class StorageFull(_TryAgainLater):
    """A lack of space for a new file; existing files are unaffected."""

    code, default_retry_after = "SERVICE_OVERLOADED", 300
    is_storage_fault = True
    title = _l("Storage is full")
    default_message = _l("Storage is full, so this wasn’t saved. Keep your copy.")
    default_advice = _l("Tell your Switchboard administrator, and try again later.")


class StorageUnavailable(_TryAgainLater):
    """A file storage that can't be reached."""

    code, default_retry_after = "SERVICE_OVERLOADED", 30
    is_storage_fault = True
    title = _l("Files unavailable")
    default_message = _l("Files are unavailable right now. Nothing was saved.")


class StorageReadOnly(StorageUnavailable):
    """A file storage that accepts no writes at the moment; existing files can be read."""

    default_retry_after = 300
    title = _l("Storage is read-only")
    default_message = _l("Storage is read-only right now, so this wasn’t saved. Keep your copy.")
    default_advice = _l("Tell your Switchboard administrator, and try again later.")


class StorageBroken(StorageUnavailable):
    """A file storage that reports an input/output error, as a failing disk does."""

    default_retry_after = 300
    title = _l("Storage isn’t working")
    default_message = _l("A file couldn’t be read or written because storage isn’t working. Nothing was saved.")
    default_advice = _l("Tell your Switchboard administrator, and try again later.")


class WebhooksNotConfigured(_TryAgainLater):
    """A webhook of a provider for which no secret is set."""

    code, default_retry_after = "WEBHOOKS_NOT_CONFIGURED", 3_600
    default_message = _l("No secret is set for this provider, so its events can’t be verified.")
    default_advice = _l("Set it in Switchboard under Integrations, then send the event again.")


class ShuttingDown(_TryAgainLater):
    """A process that was told to stop and accepts no new work."""

    code, default_retry_after = "SERVICE_SHUTTING_DOWN", 30
    default_message = _l("The service is restarting.")


class Maintenance(_TryAgainLater):
    """Maintenance of the service.

    `seconds_left` is the expected time until it is over: None if unknown, 0 if it has passed. The error states it as
    text, such as "30 minutes".
    """

    code, title = "SERVICE_MAINTENANCE", _l("We’re working on it")
    default_message = _l("Switchboard is down for maintenance. Calls are still answered and recorded.")
    default_advice = _l("This page will reload automatically. Nothing you saved is lost.")

    program_sentence = _l(
        "Switchboard is down for maintenance. Calls are still answered and recorded. Try again later."
    )

    def __init__(self, *, until: datetime | None, seconds_left: int | None, retry_after: int) -> None:
        # Lazy: the reader's language is determined later.
        left = LazyString(_in_minutes, seconds_left) if seconds_left else None
        super().__init__(retry_after=retry_after, estimated_downtime=left)
        self.until = until


def _in_minutes(seconds: int) -> str:
    """Return a duration in minutes, from two hours on in hours, rounded up."""
    unit, size = ("minute", 60) if seconds <= _TWO_HOURS else ("hour", 3600)
    whole = timedelta(seconds=math.ceil(seconds / size) * size)
    return str(format_timedelta(whole, granularity=unit, threshold=math.inf))


class RequestTimeout(DomainError):
    """A statement or request that exceeded its time limit; the transaction is rolled back."""

    code, status, title = "REQUEST_TIMEOUT", 504, _l("That took too long")
    default_message = _l("The request was stopped because it took too long. Nothing was saved.")
    default_advice = _l("Try again. For a list or report, choose a shorter period first.")


class BodyTimeout(RequestTimeout):
    """A request body that was not received completely in time; nothing was done."""

    status = 408
    default_message = _l("Your data took too long to arrive. Nothing was saved.")
    default_advice = _l("Check your connection and try again.")
