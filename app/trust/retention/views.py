"""`/organization/retention`: for how long records are kept, what goes next or now, and the hold on everything."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _

from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission, Role
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
    """What is kept, what goes next, what has gone."""
    return _page()


@retention.post("/organization/retention")
@requires(Permission.ORGANIZATION_UPDATE)
def update() -> Response:
    """Keep each kind for so many days."""
    form = DaysForm()
    with submitted(form) as sent:
        form.check()
        service.set_days(current_actor(), form.days, version=form.opened_with)
        return _done(_("Saved. Longer days count at once, shorter ones after a day."))
    return _page(days=form, status=sent.status)


@retention.post("/organization/retention/withdraw")
@requires(Permission.ORGANIZATION_UPDATE)
def withdraw() -> Response:
    """Take shorter days back before they count."""
    form = WithdrawForm()
    with submitted(form) as sent:
        form.check()
        service.withdraw(current_actor(), version=form.opened_with)
        return _done(_("Withdrawn. The days stay as they were."))
    return _page(withdrawing=form, status=sent.status)


@retention.post("/organization/retention/hold")
@requires(Permission.ORGANIZATION_UPDATE)
def hold() -> Response:
    """Keep everything, from now on."""
    form = HoldForm()
    with submitted(form) as sent:
        form.check()
        service.hold(current_actor(), form.reason.data or "", version=form.opened_with)
        return _done(_("Everything is kept from now on."))
    return _page(holding=form, status=sent.status)


@retention.post("/organization/retention/release")
@requires(Permission.ORGANIZATION_UPDATE)
def release() -> Response:
    form = ReleaseForm()
    form.check()
    with submitted(form) as sent:
        service.release(current_actor(), version=form.opened_with)
        return _done(_("The hold has ended. What is due goes with the next run."))
    return _page(releasing=form, status=sent.status)


@retention.get("/organization/retention/run")
@requires(Permission.ORGANIZATION_UPDATE)
def confirm_run() -> Response:
    """Show how much of each kind goes, and ask for the word."""
    return _run_page(PurgeForm())


@retention.post("/organization/retention/run")
@requires(Permission.ORGANIZATION_UPDATE)
def run() -> Response:
    """Have what is due removed now."""
    form = PurgeForm()
    with submitted(form) as sent:
        form.check()
        service.request_sweep(current_actor())
        return _done(_("What is due is being removed. The run appears below when it is done."))
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
        owners={} if actor.role is Role.OWNER else OWNERS_MIN_DAYS,
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
