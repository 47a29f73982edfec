"""The job queue, seen from whoever asks for work: a job is stored in the transaction of the change that asks for it.

So a job exists if, and only if, that change was committed, and sees all of it. Its record (`app.models.Job`) says what
to do, who asked, for which organization and in which language; the queue itself holds no more than the record's id.
"""

import json
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from flask_babel import get_locale
from sqlalchemy import text

from app.audit.actions import Action
from app.audit.record import record_event
from app.db.context import Context, current_context
from app.extensions import db
from app.models import Job, Language

QUEUE = "switchboard"

Argument: TypeAlias = str | int | bool | None

_DELIVER = text("""
    SELECT procrastinate_defer_jobs_v1(ARRAY[
      ROW(:queue, :name, 0, :one_by_one, NULL, CAST(:args AS jsonb), NULL)::procrastinate_job_to_defer_v1
    ])
""")
_IDS = frozenset({"organization_id", "actor_id", "actor_home_id", "operation_id"})
# A job writes, whoever asked for it.
_CARRIED = tuple(field.name for field in fields(Context) if field.name != "read_only")


class JobName(StrEnum):
    """Every kind of job. The names stand in stored jobs: one that is changed leaves those behind that wait."""

    RUN_IMPORT = "imports.run"
    RUN_EXPORT = "exports.run"
    REMOVE_EXPORTS = "exports.remove"
    EXPORT_PERSON = "privacy.export_person"
    EXPORT_ORGANIZATION = "privacy.export_organization"
    ERASE_PERSON = "privacy.erase"
    REMOVE_ERASED_FILES = "privacy.remove_files"
    RUN_BULK = "bulk.run"
    UNDO_BULK = "bulk.undo"
    LAPSE_MISSED_CALLS = "missed_calls.lapse"
    CLEAN_UP_ACCOUNTS = "accounts.clean_up"
    CLEAN_UP_IMPORTS = "imports.clean_up"
    CLEAN_UP_JOBS = "jobs.clean_up"
    PRUNE_RATE_LIMITS = "rate_limits.prune"
    APPLY_DOWNGRADES = "billing.apply_downgrades"
    START_BILLING_PERIODS = "billing.start_periods"
    QUOTA_WARNINGS = "billing.quota_warnings"
    SEAL_AUDIT = "audit.seal"
    VERIFY_AUDIT = "audit.verify"
    SEND_STREAMS = "streams.send"
    TEST_STREAM = "streams.test"
    SEND_MAIL = "mail.send"
    PURGE_TRASH = "trash.purge"
    PURGE_ORGANIZATIONS = "trash.purge_organizations"
    RESTORE_DELETION = "trash.restore"
    APPLY_RETENTION = "retention.apply"
    PURGE_ORGANIZATION = "trash.purge_organization"
    REMOVE_FILE = "files.remove"
    VERIFY_BACKUP = "backup.verify"


def enqueue(name: JobName, *, one_by_one: str | None = None, **arguments: Argument) -> UUID:
    """Ask for a job in the current transaction, which must have an organization; the id of its record.

    Of the jobs with the same `one_by_one` only one runs at a time, in the order in which they were asked for.
    `arguments` are shown to those who look after jobs: ids, no secrets.
    """
    context = current_context()
    if context.organization_id is None:
        raise ValueError(f"{name}: a job is asked for within an organization")
    job = Job(
        organization_id=context.organization_id,
        name=name,
        arguments=arguments,
        context=context_to_json(context),
        language=str(get_locale() or Language.ENGLISH),
        one_by_one=one_by_one,
        asked_by_label=context.actor_label,
    )
    db.session.add(job)
    db.session.flush()
    deliver(job)
    return job.id


def request_job(name: JobName, *, one_by_one: str, **arguments: Argument) -> UUID:
    """The same for a job that somebody starts without changing anything: the trail says who asked."""
    job_id = enqueue(name, one_by_one=one_by_one, **arguments)
    record_event(Action.JOB_REQUESTED, "job", job_id, {"name": name.value})
    return job_id


def deliver(job: Job) -> None:
    """Put a job that is stored into the queue; the worker hears of it when this transaction is committed."""
    args = {"organization_id": str(job.organization_id), "job_id": str(job.id)}
    values = {"queue": QUEUE, "name": job.name, "one_by_one": job.one_by_one, "args": json.dumps(args)}
    db.session.execute(_DELIVER, values)


def context_to_json(context: Context) -> dict[str, str | None]:
    """What a job has to know of whoever asked; the operation goes on in the job."""
    values = {name: getattr(context, name) for name in _CARRIED}
    return {name: None if value is None else str(value) for name, value in values.items()}


def context_from_json(stored: dict[str, Any]) -> Context:
    """The context of a stored job."""
    values: dict[str, Any] = {name: UUID(value) if name in _IDS and value else value for name, value in stored.items()}
    return Context(**values)
