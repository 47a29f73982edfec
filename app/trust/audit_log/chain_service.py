"""The chain of seals of an organization: how far it goes, what verifying it has shown, and having it verified.

What a verification has shown stands in the trail itself, as the entry that says who verified; so that it is kept, and
nobody changes it afterwards without being found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, literal, select, tuple_

from app.audit.actions import Action
from app.audit.chain import Place
from app.audit.chain_faults import FAULT_SENTENCES
from app.db.paging import Count, Selection, count_rows
from app.errors import Sentence
from app.extensions import db
from app.models import AuditLog, AuditSeal, Job, JobStatus
from app.ops.jobs.queue import request_job
from app.security.actor import Actor
from app.security.kept_selections import kept_selection
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.trust.audit_log.jobs import verify_audit

_SENTENCES: Mapping[str, Sentence] = {damage.value: sentence for damage, sentence in FAULT_SENTENCES.items()}
_UNKNOWN_DAMAGE = _l("Something is wrong that this version has no words for.")


@dataclass(frozen=True, slots=True)
class Seals:
    """How far an organization's chain goes: `waiting` entries are not sealed yet, the oldest since `waiting_since`."""

    number: int
    newest_at: datetime | None
    waiting: Count
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification has shown, and who had it done when. With a `finding`, the numbers say how far it got.

    `seal` is the number of the seal that shows the damage, `row_id` the first entry that is wrong; `is_row_there` tells
    whether it can be looked at.
    """

    entry_id: UUID
    at: datetime
    by: str
    seals: int
    rows: int
    dropped: int
    unsealed: int
    heads: int
    finding: str | None
    seal: int | None
    row_id: UUID | None
    is_row_there: bool

    @property
    def sentence(self) -> Sentence | None:
        """What is wrong, in words; None when nothing is."""
        return _SENTENCES.get(self.finding, _UNKNOWN_DAMAGE) if self.finding else None


def seals_of(actor: Actor) -> Seals:
    """How far the chain goes now."""
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


def find_verification(actor: Actor) -> Verification | None:
    """The last one; None when nobody has ever verified this chain."""
    found = _last_verification.rows(actor)
    return _verification(actor, found[0]) if found else None


@kept_selection
def _last_verification(actor: Actor) -> Selection:
    return (
        select(AuditLog.id, AuditLog.created_at, AuditLog.actor_label, AuditLog.details.label("details"))
        .where(AuditLog.organization_id == actor.organization_id, AuditLog.action == Action.AUDIT_VERIFIED.value)
        .order_by(AuditLog.created_at.desc(), AuditLog.id.desc())
        .limit(1)
    )


def find_verifying(actor: Actor) -> Job | None:
    """The job that verifies this chain, or did last; for everybody who may see the chain."""
    last = (
        unscoped(select(Job), why="everybody who may see the chain sees that it is being verified, whoever asked")
        .where(Job.organization_id == actor.organization_id, Job.name == verify_audit.name)
        .order_by(Job.asked_at.desc(), Job.id.desc())
        .limit(1)
    )
    return db.session.scalar(last)


def request_verification(actor: Actor) -> None:
    """Have the worker verify the chain; while it is at it, asking again changes nothing. Raises Forbidden."""
    actor.requires(Permission.AUDIT_VERIFY)
    if not is_under_way(find_verifying(actor)):
        request_job(verify_audit, one_by_one=f"audit.verify:{actor.organization_id}")


def is_under_way(job: Job | None) -> bool:
    """Whether a verification will still come to its end by itself."""
    return job is not None and job.status in (JobStatus.WAITING, JobStatus.RUNNING)


def _verification(actor: Actor, row: Row[Any]) -> Verification:
    facts: Mapping[str, Any] = row.details
    row_id = UUID(facts["row"]) if facts.get("row") else None
    return Verification(
        entry_id=row.id,
        at=row.created_at,
        by=row.actor_label,
        **{name: facts.get(name) or 0 for name in ("seals", "rows", "dropped", "unsealed", "heads")},
        finding=facts.get("finding"),
        seal=facts.get("seal"),
        row_id=row_id,
        is_row_there=row_id is not None and _is_there(actor, row_id),
    )


def _is_there(actor: Actor, row_id: UUID) -> bool:
    there = select(literal(1)).where(AuditLog.organization_id == actor.organization_id, AuditLog.id == row_id)
    return db.session.scalar(there) is not None
