"""Jobs that prepare uploaded recordings for playing, and look after those that are late."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.job import Retries, Schedule, job
from app.ops.jobs.queue import enqueue_each
from app.work.recordings import late_service, ready_service
from app.work.recordings.gap_service import split_at_gaps


def prepare(recording_ids: Iterable[UUID]) -> None:
    """Enqueue the preparation of these recordings of the context's organization.

    One at a time per organization, so that a day's recordings don't keep the worker from other organizations.
    """
    one_by_one = f"{make_ready.name} {current_context().organization_id}"
    enqueue_each(make_ready, [{"recording_id": str(row_id)} for row_id in recording_ids], one_by_one=one_by_one)


def _give_up(_error: BaseException, recording_id: str) -> None:
    ready_service.fail_preparation(UUID(recording_id))


def _revive(recording_id: str) -> None:
    ready_service.resume_preparation(UUID(recording_id))


@job(
    "recordings.make_ready",
    _l("Prepare a recording"),
    give_up=_give_up,
    revive=_revive,
    retries=Retries(max_tries=5, first_wait=timedelta(seconds=5), max_wait=timedelta(minutes=10)),
)
def make_ready(recording_id: str) -> None:
    """Join the parts of a recording up to the first gap, and measure its length and loudness.

    What follows a gap is prepared as a recording of its own.
    """
    prepare(split_at_gaps(UUID(recording_id)))
    ready_service.make_ready_to_hear(UUID(recording_id))


@job(
    "recordings.prepare_late",
    _l("Prepare late recordings"),
    schedule=Schedule("*/5 * * * *", only="organizations_with_late_recordings"),
)
def prepare_late_recordings() -> None:
    """Enqueue the late recordings of one organization that no job prepares, and notify people of the delay."""
    prepare(late_service.look_after_late(datetime.now(UTC)))
