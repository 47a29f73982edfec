"""Background jobs of outbound streams."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.declarations.job import Retries, Schedule, job
from app.trust.streams import send_service

#: Other jobs wait for this one; the next run continues where it stopped.
MAX_DURATION = timedelta(seconds=30)

# Each stream handles its own retries, and the next run follows within a minute.
_ONCE = Retries(max_tries=1)


@job(
    "streams.send",
    _l("Send the audit trail to streams"),
    schedule=Schedule("* * * * *", only="organizations_with_streams"),
    retries=_ONCE,
)
def send_streams() -> None:
    """Send new entries to the streams of one organization, every minute."""
    send_service.send_streams(until=datetime.now(UTC) + MAX_DURATION)


@job("streams.test", _l("Send a test to a stream"), retries=_ONCE)
def test_stream(stream_id: str) -> None:
    """Send a test line that is not an entry."""
    send_service.send_test(UUID(stream_id))
