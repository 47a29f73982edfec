"""The jobs of streams: one sends the audit trail on, each minute (`JobName.SEND_STREAMS`; of one organization), the
other tries a stream out (`JobName.TEST_STREAM`; argument: `stream_id`).
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.jobs.retries import Retries
from app.jobs.work import Work
from app.streams.sending import send_streams, send_test

#: Other jobs wait behind it; the next minute goes on from there.
LONGEST = timedelta(seconds=30)


def _send() -> None:
    send_streams(until=datetime.now(UTC) + LONGEST)


def _test(stream_id: str) -> None:
    send_test(UUID(stream_id))


# Each stream has its own patience; the next minute comes by itself.
SEND_STREAMS_WORK = Work(run=_send, retries=Retries(most_tries=1))
TEST_STREAM_WORK = Work(run=_test, retries=Retries(most_tries=1))
