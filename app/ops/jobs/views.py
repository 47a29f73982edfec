"""Views of `/jobs`: an organization's jobs and their failures."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.lists.cells import draw
from app.lists.filter_page import applied_filters
from app.lists.listing import show_list
from app.lists.tools_page import list_tools
from app.ops.jobs import service
from app.ops.jobs.queries import UNFINISHED, get_job, job_list, queue_numbers
from app.ops.jobs.resource import JOB, JOB_LIST
from app.ops.jobs.words import job_label
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect, render

jobs = Blueprint("jobs", __name__)
jobs.add_app_template_filter(job_label, "job_label")


@jobs.get("/jobs")
@requires(Permission.JOBS_READ)
def index() -> str:
    """List jobs, latest first. While any of them waits or runs, the page polls this view."""
    actor, asked = current_actor(), applied_filters(JOB)
    listing = show_list(job_list(actor, asked.filters), "jobs.index", asked.words)
    return render(
        "ops/jobs/index.html",
        "ops/jobs/_list.html",
        listing=listing,
        tools=list_tools(actor, JOB, JOB_LIST, listing, own=("name", "status", "asked_by", "error")),
        bar=asked.bar,
        numbers=queue_numbers(),
        is_live=any(row.status in UNFINISHED for row in listing.rows),
    )


@jobs.get("/jobs/<uuid:job_id>")
@requires(Permission.JOBS_READ)
def show(job_id: UUID) -> str:
    """Show one job: its request, progress and error."""
    return render("ops/jobs/show.html", "ops/jobs/_job.html", **_shown(current_actor(), job_id))


@jobs.post("/jobs/<uuid:job_id>/retry")
@requires(Permission.JOBS_RETRY)
def retry(job_id: UUID) -> Response:
    return _decide(service.retry_job, job_id, _("The job is back in the queue."))


@jobs.post("/jobs/<uuid:job_id>/dismiss")
@requires(Permission.JOBS_RETRY)
def dismiss(job_id: UUID) -> Response:
    return _decide(service.dismiss_job, job_id, _("Job dismissed."))


def _decide(decide: Callable[[Actor, UUID], None], job_id: UUID, done: str) -> Response:
    actor = current_actor()
    with submitted() as sent:
        decide(actor, job_id)
        flash(done, "good")
        return redirect(url_for(".show", job_id=job_id))
    page = render_template("ops/jobs/show.html", refusal=sent.error, **_shown(actor, job_id))
    return make_response(page, sent.status)


def _shown(actor: Actor, job_id: UUID) -> dict[str, object]:
    job = get_job(actor, job_id)
    return {
        "job": job,
        "labels": JOB.labels,
        "status": draw(JOB, "status", job.status),
        "is_live": job.status in UNFINISHED,
        "may_retry": actor.may(Permission.JOBS_RETRY),
    }
