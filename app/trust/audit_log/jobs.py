"""The jobs of the audit trail."""

from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.audit.seals import seal_all
from app.db.context import current_context
from app.declarations.job import JobScope, Retries, Schedule, job
from app.trust.audit_log.verify_service import verify_chain

#: Other jobs wait behind it; the next minute goes on from there.
LONGEST = timedelta(seconds=20)


@job("audit.seal", _l("Seal the audit trail"), schedule=Schedule("* * * * *", scope=JobScope.SYSTEM))
def seal_audit() -> None:
    """Of every organization, each minute."""
    seal_all(current_context(), until=datetime.now(UTC) + LONGEST)


@job(
    "audit.verify",
    _l("Verify the audit trail"),
    # Somebody is looking at its page and waits.
    retries=Retries(max_tries=3, first_wait=timedelta(seconds=5)),
)
def verify_audit() -> None:
    """Verify the chain of seals of one organization."""
    verify_chain()
