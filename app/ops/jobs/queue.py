"""The job queue, seen from whoever asks for work: a job is stored in the transaction of the change that asks for it.

So a job exists if, and only if, that change was committed, and sees all of it. Its record (`app.models.Job`) says what
to do, who asked, for which organization and in which language; the queue itself holds no more than the record's id.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, TypeAlias
from uuid import UUID

from flask_babel import get_locale
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import array

from app.audit.actions import Action
from app.audit.record import record_event
from app.db.context import Context, current_context
from app.declarations.job import Job as JobKind
from app.extensions import db
from app.models import Job, Language

QUEUE = "switchboard"

Argument: TypeAlias = str | int | bool | None

_IDS = frozenset({"organization_id", "actor_id", "actor_home_id", "operation_id"})
# A job writes, whoever asked for it.
_CARRIED = tuple(field.name for field in fields(Context) if field.name != "read_only")


def enqueue(kind: JobKind, *, one_by_one: str | None = None, **arguments: Argument) -> UUID:
    """Ask for a job in the current transaction, which must have an organization; the id of its record.

    Of the jobs with the same `one_by_one` only one runs at a time, in the order in which they were asked for.
    `arguments` are shown to those who look after jobs: ids, no secrets.
    """
    job = _job(kind, arguments, one_by_one)
    db.session.add(job)
    db.session.flush()
    deliver(job)
    return job.id


def enqueue_each(kind: JobKind, arguments: Iterable[Mapping[str, Argument]]) -> None:
    """Ask for a job with each of these arguments, by two statements; as `enqueue`."""
    jobs = [_job(kind, given) for given in arguments]
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
    """Ask for a job as `enqueue` does, for somebody who changes nothing by it: the trail says who asked."""
    job_id = enqueue(kind, one_by_one=one_by_one, **arguments)
    record_event(Action.JOB_REQUESTED, "job", job_id, {"name": kind.name})
    return job_id


def deliver(job: Job) -> None:
    """Put a job that is stored into the queue; the worker hears of it when this transaction is committed."""
    db.session.execute(select(func.deliver_job(job.id, QUEUE)))


def context_to_json(context: Context) -> dict[str, str | None]:
    """What a job has to know of whoever asked; the operation goes on in the job."""
    values = {name: getattr(context, name) for name in _CARRIED}
    return {name: None if value is None else str(value) for name, value in values.items()}


def context_from_json(stored: dict[str, Any]) -> Context:
    """The context of a stored job."""
    values: dict[str, Any] = {name: UUID(value) if name in _IDS and value else value for name, value in stored.items()}
    return Context(**values)
