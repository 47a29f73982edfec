"""Rules for tasks at Shunya: attempts, and failures that it reports (docs/webhooks.md)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.backoff import wait_before_retry

#: Requests about one task: its submissions, and those for its result.
MAX_ATTEMPTS = 8
#: Time for which the result of a submitted task is awaited before it is fetched.
WAIT_FOR_RESULT = timedelta(hours=2)
#: Shortest audio of a call that is worth an analysis.
MIN_SECONDS = 10
#: Type of the subject of a task about a recording; any other task is about a call.
RECORDING_SUBJECT = "recording_session"
#: Kinds of tasks: calls of CSRs and voicemails, and appointments.
CALL_KIND, VISIT_KIND = "csr_analysis", "visit_analysis"
KINDS = frozenset({CALL_KIND, VISIT_KIND})
_FIRST_WAIT, _MAX_WAIT, _GROWTH = timedelta(minutes=1), timedelta(hours=6), 4
_MAX_ERROR_LENGTH = 1_000


def wait_after(attempts: int) -> timedelta:
    """Return the wait after so many attempts: a minute, then four times as long each time, up to 6 hours."""
    return wait_before_retry(max(attempts, 1), _FIRST_WAIT, _MAX_WAIT, growth=_GROWTH)


def error_of(content: Mapping[str, Any]) -> str:
    """Return the code and the message of a failure, as one line of text."""
    error = content.get("error")
    parts = [error.get(name) for name in ("code", "message")] if isinstance(error, dict) else []
    said = ": ".join(" ".join(part.replace("\0", " ").split()) for part in parts if isinstance(part, str) and part)
    return said[:_MAX_ERROR_LENGTH] or "unknown"


def is_retryable(content: Mapping[str, Any]) -> bool:
    """Return whether sending the task again can help."""
    error = content.get("error")
    return isinstance(error, dict) and error.get("retryable") is True
