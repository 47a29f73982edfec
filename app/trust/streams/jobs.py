"""The jobs of streams."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.declarations.job import Retries, Schedule, job
from app.trust.streams import send_service

#: Other jobs wait behind it; the next minute goes on from there.
LONGEST = timedelta(seconds=30)

# Each stream has its own patience; the next minute comes by itself.
_ONCE = Retries(max_tries=1)


@job(
    "streams.send",
    _l("Send the audit trail to its streams"),
    schedule=Schedule("* * * * *", only="organizations_with_streams"),
    retries=_ONCE,
)
def send_streams() -> None:
    """Of one organization, each minute."""
    send_service.send_streams(until=datetime.now(UTC) + LONGEST)


@job("streams.test", _l("Send a test to a stream"), retries=_ONCE)
def test_stream(stream_id: str) -> None:
    """Send one line that is no entry."""
    send_service.send_test(UUID(stream_id))
