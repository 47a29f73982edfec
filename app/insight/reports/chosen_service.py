"""The choice of saved views for a user's weekly report."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.declarations.viewed import Viewed
from app.errors import FieldError, ValidationFailed
from app.extensions import db
from app.insight.reports.chosen_queries import list_chosen, list_offered
from app.insight.reports.rules import MAX_CHOSEN
from app.messaging.notifications.queries import get_own_row
from app.models import ReportView
from app.security.actor import Actor
from app.security.permissions import Permission


def choose_views(actor: Actor, page: Viewed, views: Sequence[UUID]) -> None:
    """Set the views of `page` in the weekly report of `actor`; those already chosen keep their places.

    Raises Forbidden, ValidationFailed for too many and for views that are not offered, and NotFound for guests, who get
    no email.
    """
    actor.requires(Permission.REPORTS_READ)
    wanted = list(dict.fromkeys(views))
    if len(wanted) > MAX_CHOSEN:
        raise ValidationFailed([FieldError("views", _l("Choose up to five views."))])
    reader = get_own_row(actor, lock=True)  # serializes concurrent changes for one person
    if not set(wanted) <= {one.id for one in list_offered(actor, page)}:
        raise ValidationFailed([FieldError("views", _l("Choose from the views shown."))])
    there = list_chosen(actor)
    kept = {one.saved_view_id: one for one in there if one.saved_view_id in wanted}
    for row in there:
        if row.saved_view_id not in kept:
            db.session.delete(row)
    db.session.flush()
    free = [place for place in range(1, MAX_CHOSEN + 1) if place not in {one.position for one in kept.values()}]
    with translated_integrity_errors():
        db.session.add_all(
            ReportView(
                organization_id=actor.organization_id,
                id=uuid7(),
                user_id=reader.id,
                saved_view_id=view,
                position=place,
            )
            for view, place in zip([one for one in wanted if one not in kept], free, strict=False)
        )
