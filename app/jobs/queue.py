"""The job queue, seen from whoever asks for work: a job is stored in the transaction of the change that asks for it.

So a job exists if, and only if, that change was committed, and sees all of it. It carries who asked, for which
organization and in which language; the worker (`app.jobs.worker`) does it in their name.
"""

import json
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from flask_babel import get_locale
from sqlalchemy import text

from app.db.context import Context, current_context
from app.extensions import db
from app.models import Language

QUEUE = "switchboard"

Argument: TypeAlias = str | int | bool | None

_ENQUEUE = text("""
    SELECT (procrastinate_defer_jobs_v1(ARRAY[
      ROW(:queue, :name, 0, :one_by_one, NULL, CAST(:args AS jsonb), NULL)::procrastinate_job_to_defer_v1
    ]))[1]
""")
_IDS = frozenset({"organization_id", "actor_id", "operation_id"})
# A job writes, whoever asked for it.
_CARRIED = tuple(field.name for field in fields(Context) if field.name != "read_only")


class JobName(StrEnum):
    """Every kind of job. The names stand in stored jobs: one that is changed leaves those behind that wait."""

    RUN_IMPORT = "imports.run"


def enqueue(name: JobName, *, one_by_one: str | None = None, **arguments: Argument) -> int:
    """Ask for a job in the current transaction; its number in the queue.

    Of the jobs with the same `one_by_one` only one runs at a time, in the order in which they were asked for.
    """
    args = {
        "context": context_to_json(current_context()),
        "language": str(get_locale() or Language.ENGLISH),
        "arguments": arguments,
    }
    values = {"queue": QUEUE, "name": name, "one_by_one": one_by_one, "args": json.dumps(args)}
    number: int = db.session.execute(_ENQUEUE, values).scalar_one()
    return number


def context_to_json(context: Context) -> dict[str, str | None]:
    """What a job has to know of whoever asked; the operation goes on in the job."""
    values = {name: getattr(context, name) for name in _CARRIED}
    return {name: None if value is None else str(value) for name, value in values.items()}


def context_from_json(stored: dict[str, Any]) -> Context:
    """The context of a stored job."""
    values: dict[str, Any] = {name: UUID(value) if name in _IDS and value else value for name, value in stored.items()}
    return Context(**values)
