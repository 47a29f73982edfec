"""The state of an organization's seal chain, and requests to verify it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_

from app.audit.chain import Place
from app.db.paging import Count, count_rows
from app.extensions import db
from app.models import AuditLog, AuditSeal, Job, JobStatus
from app.ops.jobs.queue import request_job
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.trust.audit_log.jobs import verify_audit


@dataclass(frozen=True, slots=True)
class Seals:
    """Extent of an organization's seal chain.

    `waiting` counts entries that are not sealed yet; the oldest of them was written at `waiting_since`.
    """

    number: int
    newest_at: datetime | None
    waiting: Count
    waiting_since: datetime | None


def seals_of(actor: Actor) -> Seals:
    """Return the current extent of the seal chain of `actor`'s organization."""
    newest = db.session.execute(
        select(AuditSeal.seq, AuditSeal.to_pos, AuditSeal.to_id, AuditSeal.sealed_at)
        .where(AuditSeal.organization_id == actor.organization_id)
        .order_by(AuditSeal.seq.desc())
        .limit(1)
    ).one_or_none()
    end = Place(newest.to_pos, newest.to_id) if newest else Place()
    behind = select(AuditLog.created_at).where(
        AuditLog.organization_id == actor.organization_id, tuple_(AuditLog.pos, AuditLog.id) >= (end.pos, end.id)
    )
    oldest = db.session.scalar(behind.order_by(AuditLog.pos, AuditLog.id).limit(1))
    number, newest_at = (newest.seq, newest.sealed_at) if newest else (0, None)
    return Seals(number, newest_at, count_rows(db.session, behind), oldest)


def find_verifying(actor: Actor) -> Job | None:
    """Return the latest job that verifies the organization's audit trail, in any status; None if there is none.

    Visible to everyone who can see the chain.
    """
    last = (
        unscoped(select(Job), why="the verification is visible to everyone who can see the chain")
        .where(Job.organization_id == actor.organization_id, Job.name == verify_audit.name)
        .order_by(Job.asked_at.desc(), Job.id.desc())
        .limit(1)
    )
    return db.session.scalar(last)


def request_verification(actor: Actor) -> None:
    """Have the worker verify the chain; does nothing while a verification is running.

    Raises Forbidden.
    """
    actor.requires(Permission.AUDIT_VERIFY)
    if not is_under_way(find_verifying(actor)):
        request_job(verify_audit, one_by_one=f"audit.verify:{actor.organization_id}")


def is_under_way(job: Job | None) -> bool:
    """Return whether a verification job is waiting or running; None stands for no job."""
    return job is not None and job.status in (JobStatus.WAITING, JobStatus.RUNNING)
