"""Execution of one job on behalf of its requester, in a single transaction.

Marking the job as done is part of that transaction, so a job takes effect once, however often it is started.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from time import perf_counter
from typing import Any
from uuid import UUID

import structlog
from flask import Flask
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DBAPIError

from app.db.constraints import translate
from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.declarations.job import WAITS_FOR_STORAGE, Job
from app.errors import DomainError, InternalError, is_storage_fault, translated_disk_errors
from app.extensions import db
from app.ops.jobs import record
from app.ops.jobs.progress import running
from app.ops.jobs.queue import deliver
from app.tracing import traced

_log = structlog.get_logger("switchboard.job")


class StoppedTooOften(InternalError):
    """A job during which the worker died several times; retrying it could take the worker down forever."""

    default_message = _l("The job was started several times, but the server stopped partway each time.")


class UnknownKind(InternalError):
    """A job requested by a newer or older version; this can be temporary while versions change."""

    default_message = _l("This worker version can’t run this job.")


def _refuse_unknown(**_arguments: object) -> None:
    raise UnknownKind


class TryAgain(Exception):
    """A failed job that is to be delivered again at `at`.

    With `lets_others_pass`, jobs that run one by one with it can run in the meantime.
    """

    def __init__(self, at: datetime, *, lets_others_pass: bool = False) -> None:
        super().__init__(f"at {at.isoformat()}")
        self.at, self.lets_others_pass = at, lets_others_pass


#: Stands for jobs missing from the registry: tried as often as any other, then left to users.
UNKNOWN_JOB = Job("unknown", "unknown", _refuse_unknown)


def perform(app: Flask, kind: Job, organization_id: UUID, job_id: UUID) -> None:
    """Run a stored job unless it has already ended. Raises TryAgain if it failed and has tries left."""
    with app.app_context(), jobs_role(), use_context(Context(organization_id=organization_id)):
        run = record.begin(job_id)
        if run is None:
            return
        with (
            use_context(run.context),
            force_locale(run.language),
            running(run.job_id, run.tries),
            traced(run.name, "CONSUMER", run.context.traceparent),
            _log_line(run) as say,
        ):
            say["outcome"] = _do(kind, run)


def line_up_again(app: Flask, organization_id: UUID, job_id: UUID) -> None:
    """Deliver a job that let others pass, now behind those that wait by now; one that has ended isn't delivered."""
    with app.app_context(), jobs_role(), use_context(Context(organization_id=organization_id)):
        if record.is_unfinished(job_id):
            deliver(job_id)
        db.session.commit()


def perform_for_all(app: Flask, kind: Job, tries: int) -> None:
    """Run a job of the installation, which has no record: its next run is scheduled anyway.

    All its failures count together, whatever their cause. Raises TryAgain like `perform`.
    """
    context = Context(actor_label=record.SCHEDULE_LABEL)
    with app.app_context(), jobs_role(), use_context(context):
        try:
            kind.run()
            db.session.commit()
        except Exception as error:
            db.session.rollback()
            wait = kind.retries.wait_after(tries, error, tries - 1 if is_storage_fault(error) else 0)
            _log.exception("job", job=kind.name, outcome="failed", tries=tries, tries_left=wait is not None)
            if wait is not None:
                raise TryAgain(datetime.now(UTC) + wait) from error


def _do(kind: Job, run: record.Run) -> str:
    """Run the job and return the outcome for the log. Raises TryAgain if it failed and has tries left."""
    try:
        return _run(kind, run)
    except Exception as error:  # noqa: BLE001 - any error is recorded, where users find it
        db.session.rollback()
        _log_error(error)
        return _handle_failure(kind, run, error)


def _run(kind: Job, run: record.Run) -> str:
    if run.tries - run.storage_failures > kind.retries.max_tries:
        raise StoppedTooOften
    with translated_disk_errors():
        kind.run(**run.arguments)
    if not record.finish(run):
        db.session.rollback()
        return "overtaken"
    db.session.commit()
    return "done"


def _handle_failure(kind: Job, run: record.Run, error: BaseException) -> str:
    """Mark a failed run for another try, or as permanently failed, and return the outcome for the log.

    Raises TryAgain if there is another try.
    """
    wait = kind.retries.wait_after(run.tries, error, run.storage_failures)
    if wait is not None:
        at, because_of_storage = datetime.now(UTC) + wait, is_storage_fault(error)
        if not record.try_again(run, at, in_words(error), because_of_storage=because_of_storage):
            return "overtaken"
        if because_of_storage:
            _show_waiting(kind, run)
        raise TryAgain(at, lets_others_pass=because_of_storage) from error
    try:
        kind.give_up(error, **run.arguments)
    except Exception:  # noqa: BLE001 - the job has failed all the same
        db.session.rollback()
        _log.exception("job could not be given up")
    if not record.fail(run, in_words(error)):
        db.session.rollback()
        return "overtaken"
    db.session.commit()
    return "failed"


def _show_waiting(kind: Job, run: record.Run) -> None:
    """Have the job record, where people look for its result, that it waits for storage."""
    try:
        kind.wait_for_storage(**run.arguments)
        db.session.commit()
    except Exception:  # noqa: BLE001 - the job is tried again all the same
        db.session.rollback()
        _log.exception("job could not record that it waits")


def in_words(error: BaseException) -> str:
    """Describe an error to users: the sentence of a domain error, or just the type of an unexpected one.

    Errors of storage have one sentence: theirs are about what a person was about to save.
    """
    if is_storage_fault(error):
        return str(WAITS_FOR_STORAGE)
    if isinstance(error, DBAPIError):
        error = translate(error) or error
    if isinstance(error, DomainError):
        return error.sentence
    return str(_("Something broke on our side (%(kind)s). See the server log for details.", kind=type(error).__name__))


def _log_error(error: BaseException) -> None:
    if isinstance(error, DomainError) and error.status < 500:
        _log.info("job refused", code=error.code)
    else:
        _log.error("job broke", exc_info=error)


@contextmanager
def _log_line(run: record.Run) -> Iterator[dict[str, Any]]:
    """Log one line per run, with the outcome that the block sets in the yielded dict.

    Lines logged inside carry the IDs of the original request. Scheduled jobs run thousands of times a day, so their
    successful runs are logged at debug level only.
    """
    began = perf_counter()
    said: dict[str, Any] = {"outcome": "again"}
    facts: Mapping[str, Any] = {
        "job": run.name,
        "job_id": str(run.job_id),
        "tries": run.tries,
        "organization": str(run.context.organization_id),
        "request_id": run.context.request_id,
        "correlation_id": run.context.correlation_id,
    }
    with structlog.contextvars.bound_contextvars(**facts):
        try:
            yield said
        finally:
            write = _log.debug if run.is_scheduled and said["outcome"] == "done" else _log.info
            write("job", outcome=said["outcome"], ms=round((perf_counter() - began) * 1000, 1))
