"""Declaration of jobs: their names, permissions and pages."""

from flask_babel import lazy_gettext as _l

from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Number, Priority
from app.declarations.listed import FROM_TO, Listed
from app.declarations.registry import registry
from app.declarations.resource import Resource, Words
from app.declarations.stored import not_entered
from app.models import Job, JobStatus
from app.ops.jobs.filters import JobFilters
from app.ops.jobs.queries import SORTS, job_list
from app.ops.jobs.words import job_label
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

JOB_LIST = Listed(
    name="jobs",
    label=_l("Jobs"),
    endpoint="jobs.index",
    permission=Permission.JOBS_READ,
    filters=JobFilters,
    query=job_list,
    sorts=SORTS,
    bar_label=_l("Filter jobs"),
    pickers=("status", "kind"),
    also_offered={"status": (("waiting,running", _l("Not finished")),)},
    offered={"kind": lambda _actor: [(job.name, str(job.label)) for job in registry().jobs]},
    days=FROM_TO,
    filter_words={"kind": _l("Type")},
    keeps_views=False,
)


JOB = Resource(
    name="job",
    model=Job,
    words=Words(_l("job"), _l("jobs")),
    icon="hourglass",
    title=lambda: Job.name,
    page=("jobs.show", "job_id"),
    page_permission=Permission.JOBS_READ,
    scope=Scope((Permission.JOBS_READ,), own_rows.nothing),
    listed=JOB_LIST,
    stored=(
        not_entered(
            "The app queues the job, and the worker records how it goes.",
            "name",
            "status",
            "arguments",
            "context",
            "language",
            "one_by_one",
            "asked_at",
            "asked_by_label",
            "scheduled_for",
            "tries",
            "storage_failures",
            "next_try_at",
            "progress_done",
            "progress_total",
            "error",
            "started_at",
            "finished_at",
        ),
    ),
    fields=(
        Field("name", _l("Job"), column=Column(is_fixed=True), file=FileColumn(words=job_label), recorded=()),
        Field(
            "status",
            _l("Status"),
            Choice(
                JobStatus,
                {"waiting": "neutral", "running": "info", "done": "good", "failed": "bad", "dismissed": "plain"},
            ),
            Column(),
        ),
        Field("asked_by", _l("Requested by"), column=Column(Priority.WIDER), shows="asked_by_label", recorded=()),
        Field("tries", _l("Attempts"), Number(), Column(Priority.WIDER), recorded=()),
        Field("error", _l("Error"), column=Column(Priority.WIDEST), recorded=()),
        Field("asked_at", _l("Requested"), Moment("relative"), Column(Priority.WIDE, is_whole=True), recorded=()),
    ),
)
