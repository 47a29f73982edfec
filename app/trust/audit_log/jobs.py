"""Background jobs of the audit trail."""

from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.audit.seals import seal_all
from app.db.context import current_context
from app.declarations.job import JobScope, Retries, Schedule, job
from app.trust.audit_log.verify_service import verify_chain

#: Other jobs wait for this one; the next run continues where it stopped.
MAX_DURATION = timedelta(seconds=20)


@job("audit.seal", _l("Seal the audit trail"), schedule=Schedule("* * * * *", scope=JobScope.SYSTEM))
def seal_audit() -> None:
    """Seal the trails of all organizations, every minute."""
    seal_all(current_context(), until=datetime.now(UTC) + MAX_DURATION)


@job(
    "audit.verify",
    _l("Verify the audit trail"),
    # A user is on the page, waiting for the result.
    retries=Retries(max_tries=3, first_wait=timedelta(seconds=5)),
)
def verify_audit() -> None:
    """Verify the chain of seals of one organization."""
    verify_chain()
