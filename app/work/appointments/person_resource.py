"""Appointments as shown on the page of their contact."""

from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import and_, func
from sqlalchemy.orm import aliased

from app.db.joins import refers_to
from app.declarations.person import ContactReference, Facts, TimelineEntry, TimelineFilter
from app.models import Appointment, AppointmentOutcome, AppointmentStatus, User
from app.security.scope import unscoped
from app.web.formatting import money
from app.web.labels import label
from app.web.render_context import current_render_context

_Rep = aliased(User, name="rep_of_line")

_TONES = {"cancelled": "neutral", "no_show": "bad", "scheduled": "info", "completed": "plain"}


def _words(facts: Facts) -> TimelineEntry:
    service, rep = facts["service"], facts["rep"]
    title = _("%(service)s, %(name)s", service=service, name=rep) if rep else service
    came_of_it = [label(facts["outcome"], "AppointmentOutcome")] if facts["outcome"] != AppointmentOutcome.OPEN else []
    if facts["value"] is not None:
        came_of_it.append(money(Decimal(str(facts["value"])), current_render_context().locale))
    return TimelineEntry(
        title,
        "calendar-check",
        detail=", ".join([*came_of_it, *filter(None, (facts["reason"],))]),
        state=label(facts["status"], "AppointmentStatus"),
        tone=_TONES[facts["status"]],
    )


APPOINTMENT_PERSON = ContactReference(
    card=Appointment.contact_card_id,
    at=Appointment.scheduled_start_at,
    story=TimelineFilter.APPOINTMENTS,
    facts=lambda _actor: {
        "service": Appointment.service_type,
        "status": Appointment.status,
        "outcome": Appointment.outcome,
        "value": Appointment.deal_value,
        "reason": func.coalesce(Appointment.lost_reason, Appointment.cancelled_reason),
        "rep": _Rep.name,
    },
    joined=lambda selection: unscoped(
        selection.outerjoin(_Rep, refers_to(_Rep, Appointment, Appointment.sales_rep_id)),
        why="joins names to rows that are scoped",
    ),
    words=_words,
    open=lambda: and_(Appointment.status == AppointmentStatus.SCHEDULED, Appointment.scheduled_end_at > func.now()),
    holds=lambda: Appointment.contact_card_id.is_not(None),
)
