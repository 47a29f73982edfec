"""The job that seals the audit trail of every organization (`JobName.SEAL_AUDIT`), each minute."""

from datetime import UTC, datetime, timedelta

from app.audit.seals import seal_all
from app.db.context import current_context
from app.jobs.work import Work

#: Other jobs wait behind it; the next minute goes on from there.
LONGEST = timedelta(seconds=20)


def _run() -> None:
    seal_all(current_context(), until=datetime.now(UTC) + LONGEST)


SEAL_AUDIT_WORK = Work(run=_run)
