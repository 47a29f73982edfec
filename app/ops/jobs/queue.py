"""Job queue from the caller's perspective.

A job is stored in the transaction of the change that requests it. So it exists if and only if that change was
committed, and sees all of it. Its record (`app.models.Job`) states what to do, and the requesting user, organization
and language; the queue itself gets no arguments except the IDs of the record and its organization.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, TypeAlias
from uuid import UUID

from flask_babel import get_locale
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import array

from app.audit.actions import Action
from app.audit.record import record_read
from app.db.context import Context, current_context
from app.declarations.job import Job as JobKind
from app.extensions import db
from app.models import Job, Language

QUEUE = "switchboard"

Argument: TypeAlias = str | int | bool | None

_IDS = frozenset({"organization_id", "actor_id", "actor_home_id", "api_key_id", "operation_id"})
# A job can always write, even if the request could not.
_CARRIED = tuple(field.name for field in fields(Context) if field.name != "read_only")


def enqueue(kind: JobKind, *, one_by_one: str | None = None, **arguments: Argument) -> UUID:
    """Enqueue a job in the current transaction and return its record's ID.

    The transaction must have an organization. Jobs with the same `one_by_one` run one at a time, in the order of their
    requests. `arguments` are visible to those who manage jobs: IDs, no secrets.
    """
    job = _job(kind, arguments, one_by_one)
    db.session.add(job)
    db.session.flush()
    deliver(job.id)
    return job.id


def enqueue_each(kind: JobKind, arguments: Iterable[Mapping[str, Argument]], *, one_by_one: str | None = None) -> None:
    """Enqueue a job for each of these arguments, like `enqueue`, in two statements."""
    jobs = [_job(kind, given, one_by_one) for given in arguments]
    if jobs:
        db.session.add_all(jobs)
        db.session.flush()
        ids = array([job.id for job in jobs])
        db.session.execute(select(func.deliver_job(func.unnest(ids), QUEUE)))


def _job(kind: JobKind, arguments: Mapping[str, Argument], one_by_one: str | None = None) -> Job:
    context = current_context()
    if context.organization_id is None:
        raise ValueError(f"{kind.name}: a job is asked for within an organization")
    return Job(
        organization_id=context.organization_id,
        name=kind.name,
        arguments=dict(arguments),
        context=context_to_json(context),
        language=str(get_locale() or Language.ENGLISH),
        one_by_one=one_by_one,
        asked_by_label=context.actor_label,
    )


def request_job(kind: JobKind, *, one_by_one: str, **arguments: Argument) -> UUID:
    """Enqueue a job for a user whose request changes nothing itself, and return its record's ID.

    The request is recorded in the audit trail. Raises RateLimited, as `record_read` does.
    """
    job_id = enqueue(kind, one_by_one=one_by_one, **arguments)
    record_read(Action.JOB_REQUESTED, "job", job_id, {"name": kind.name})
    return job_id


def deliver(job_id: UUID) -> None:
    """Put a stored job into the queue; the worker is notified when this transaction is committed."""
    db.session.execute(select(func.deliver_job(job_id, QUEUE)))


def context_to_json(context: Context) -> dict[str, str | None]:
    """Serialize the requester's context for a job, which continues the same operation."""
    values = {name: getattr(context, name) for name in _CARRIED}
    return {name: None if value is None else str(value) for name, value in values.items()}


def context_from_json(stored: dict[str, Any]) -> Context:
    """Restore the context of a stored job."""
    values: dict[str, Any] = {name: UUID(value) if name in _IDS and value else value for name, value in stored.items()}
    return Context(**values)
