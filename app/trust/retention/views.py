"""`/organization/retention`: retention settings, upcoming and immediate deletion, and the legal hold."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.security.actor import current_actor
from app.security.confirmation import confirmed
from app.security.guard import requires
from app.security.permissions import Permission
from app.tenancy.organization_queries import get_own_organization
from app.trust.retention import service
from app.trust.retention.forms import DaysForm, HoldForm, ReleaseForm, WithdrawForm
from app.trust.retention.queries import LOOKS_AHEAD, MAX_COUNTED, count_due, forecast, list_runs, next_run
from app.trust.retention.rules import OWNERS_MIN_DAYS, RetentionKind, days_of, shorter_days
from app.trust.retention.words import KIND_LABELS, in_words
from app.trust.trash.forms import PurgeForm
from app.web.forms import submitted
from app.web.htmx import redirect

retention = Blueprint("retention", __name__)


@retention.get("/organization/retention")
@requires(Permission.ORGANIZATION_READ)
def edit() -> Response:
    """Show the retention settings, the forecast and past runs."""
    return _page()


@retention.post("/organization/retention")
@requires(Permission.ORGANIZATION_UPDATE)
def update() -> Response:
    """Save the retention of each kind."""
    form = DaysForm()
    with submitted(form) as sent:
        form.check()
        service.set_days(current_actor(), form.days, version=form.opened_with)
        return _done(_("Saved. Longer retention takes effect now; shorter retention after one day."))
    return _page(days=form, status=sent.status)


@retention.post("/organization/retention/withdraw")
@requires(Permission.ORGANIZATION_UPDATE)
def withdraw() -> Response:
    """Cancel a shorter retention before it takes effect."""
    form = WithdrawForm()
    with submitted(form) as sent:
        form.check()
        service.withdraw(current_actor(), version=form.opened_with)
        return _done(_("Change canceled. Retention stays as it was."))
    return _page(withdrawing=form, status=sent.status)


@retention.post("/organization/retention/hold")
@requires(Permission.ORGANIZATION_UPDATE)
def hold() -> Response:
    """Place a legal hold on all data."""
    form = HoldForm()
    with submitted(form) as sent:
        form.check()
        service.hold(current_actor(), form.reason.data or "", version=form.opened_with)
        return _done(_("Legal hold is on. Nothing can be permanently deleted."))
    return _page(holding=form, status=sent.status)


@retention.post("/organization/retention/release")
@requires(Permission.ORGANIZATION_UPDATE)
def release() -> Response:
    form = ReleaseForm()
    form.check()
    with submitted(form) as sent:
        service.release(current_actor(), version=form.opened_with)
        return _done(_("The legal hold was lifted. Expired records will be deleted in the next run."))
    return _page(releasing=form, status=sent.status)


@retention.get("/organization/retention/run")
@requires(Permission.ORGANIZATION_UPDATE, Permission.TRASH_PURGE)
@confirmed
def confirm_run() -> Response:
    """Show how many records of each kind will be deleted, and ask for the confirmation word."""
    return _run_page(PurgeForm())


@retention.post("/organization/retention/run")
@requires(Permission.ORGANIZATION_UPDATE, Permission.TRASH_PURGE)
def run() -> Response:
    """Have expired records deleted now."""
    form = PurgeForm()
    with submitted(form) as sent:
        form.check()
        service.request_sweep(current_actor())
        return _done(_("Deleting expired records. The run will appear below when it’s done."))
    return _run_page(form, sent.status)


def _done(told: str) -> Response:
    flash(told, "good")
    return redirect(url_for(".edit"))


def _page(
    days: DaysForm | None = None,
    holding: HoldForm | None = None,
    releasing: ReleaseForm | None = None,
    withdrawing: WithdrawForm | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    actor, now = current_actor(), datetime.now(UTC)
    organization = get_own_organization(actor)
    page = render_template(
        "trust/retention/show.html",
        organization=organization,
        days=days or DaysForm.of(organization, now),
        holding=holding or HoldForm(formdata=None, version=organization.version),
        releasing=releasing or ReleaseForm(formdata=None, version=organization.version),
        withdrawing=withdrawing or WithdrawForm(formdata=None, version=organization.version),
        shorter=[
            in_words(RetentionKind(kind), number, days_of(organization.retention_days, kind))
            for kind, number in shorter_days(organization, now).items()
        ],
        forecast=forecast(actor, organization, now),
        ahead=[moment.days for moment in LOOKS_AHEAD],
        most=MAX_COUNTED,
        next_run=next_run(actor, now),
        runs=list_runs(actor),
        labels=KIND_LABELS,
        may_change=actor.may(Permission.ORGANIZATION_UPDATE),
        may_run=actor.may(Permission.TRASH_PURGE),
        owners={} if actor.may(Permission.RETENTION_UPDATE) else OWNERS_MIN_DAYS,
    )
    return make_response(page, status)


def _run_page(form: PurgeForm, status: int = HTTPStatus.OK) -> Response:
    organization = get_own_organization(current_actor())
    page = render_template(
        "trust/retention/run.html",
        organization=organization,
        form=form,
        due=[one for one in count_due(organization, datetime.now(UTC)) if one.due],
        most=MAX_COUNTED,
        labels=KIND_LABELS,
    )
    return make_response(page, status)
