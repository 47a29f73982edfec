"""Verification of an organization's seal chain, as run by the worker."""

from sqlalchemy import func, select

from app.audit.verify import check_chain
from app.db.context import current_context
from app.extensions import db
from app.models import AuditSeal
from app.ops.jobs.progress import progress


def verify_chain() -> None:
    """Verify the chain of the organization in the context and report the job's progress."""
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("a chain is verified within an organization")
    sealed = select(func.max(AuditSeal.seq)).where(AuditSeal.organization_id == organization_id)
    total = db.session.scalar(sealed) or 0
    check_chain(organization_id, report=lambda seals: progress(seals, max(total, seals)))
