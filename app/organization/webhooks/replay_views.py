"""Replays of deliveries: the button of one, and the page that replays all deliveries of a list."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.lists.filter_page import applied_filters
from app.lists.listing import address, chips_of
from app.organization.webhooks.forms import ReplayForm
from app.organization.webhooks.inbox_views import delivery_page
from app.organization.webhooks.jobs import request_replay
from app.organization.webhooks.replay_rules import MAX_REPLAYED
from app.organization.webhooks.replay_service import count_replayable, refuse_too_many, replay
from app.organization.webhooks.resource import WEBHOOK_DELIVERY
from app.organization.webhooks.views import webhooks
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect


@webhooks.post("/webhook-deliveries/<uuid:delivery_id>/replay")
@requires(Permission.WEBHOOKS_READ, Permission.WEBHOOKS_REPLAY)
def replay_one(delivery_id: UUID) -> Response:
    actor = current_actor()
    with submitted() as sent:
        replay(actor, delivery_id)
        flash(_("The delivery will be processed again."), "good")
        return redirect(url_for(".show", delivery_id=delivery_id))
    return make_response(delivery_page(actor, delivery_id, sent.error), sent.status)


@webhooks.get("/webhook-deliveries/replay")
@requires(Permission.WEBHOOKS_READ, Permission.WEBHOOKS_REPLAY)
def confirm_replay() -> str:
    """Show how many deliveries match the filters of the address, and the button that replays them."""
    return _confirmation(ReplayForm(formdata=None))


@webhooks.post("/webhook-deliveries/replay")
@requires(Permission.WEBHOOKS_READ, Permission.WEBHOOKS_REPLAY)
def replay_all() -> Response:
    """Begin the replay of all deliveries that match the filters of the address."""
    form, filters = ReplayForm(), applied_filters(WEBHOOK_DELIVERY).filters
    with submitted(form) as sent:
        form.check()
        until = min(form.until.moment or datetime.now(UTC), datetime.now(UTC))
        refuse_too_many(count_replayable(current_actor(), filters, until))
        job_id = request_replay(filters, until)
        if current_actor().may(Permission.JOBS_READ):
            return redirect(url_for("jobs.show", job_id=job_id))
        flash(_("The deliveries will be processed again."), "good")
        return redirect(address(".index", filters.parameters()))
    return make_response(_confirmation(form), sent.status)


def _confirmation(form: ReplayForm) -> str:
    applied, until = applied_filters(WEBHOOK_DELIVERY), form.until.moment or datetime.now(UTC)
    return render_template(
        "organization/webhooks/replay.html",
        form=form,
        until=until.isoformat(),
        number=count_replayable(current_actor(), applied.filters, until),
        most=MAX_REPLAYED,
        chips=chips_of(applied.filters, "webhooks.index", applied.words),
        address=request.full_path,
        back=address("webhooks.index", applied.filters.parameters()),
    )
