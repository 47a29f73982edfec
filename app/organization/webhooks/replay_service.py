"""Replays: processing stored deliveries again, one or all that match the filters of the list.

A replay only puts deliveries back among those that are due. The worker then processes them as if they had just arrived,
and the handlers of events see to it that what has taken effect before does not do so twice.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Row, and_, func, select, update

from app.audit.actions import Action
from app.audit.record import record_events
from app.db.conditions import is_any_of
from app.errors import Conflict, LazyText, NotFound
from app.extensions import db
from app.models import DeliveryStatus, WebhookDelivery
from app.ops.jobs.progress import progress
from app.organization.webhooks.filters import DeliveryFilters
from app.organization.webhooks.process_rules import CHANNEL
from app.organization.webhooks.queries import delivery_list
from app.organization.webhooks.replay_rules import MAX_REPLAYED, REPLAYABLE_STATUSES, is_replayable
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import held
from app.security.scope import restrict

_ROWS_A_STEP = 500

#: The same as `is_replayable`, for many.
_REPLAYABLE = and_(
    WebhookDelivery.signature_ok,
    is_any_of(WebhookDelivery.status, REPLAYABLE_STATUSES),
    func.octet_length(WebhookDelivery.body) > 0,
)
_STATE = select(
    WebhookDelivery.id,
    WebhookDelivery.status,
    WebhookDelivery.signature_ok,
    func.octet_length(WebhookDelivery.body).label("body_bytes"),
)


def replay(actor: Actor, delivery_id: UUID) -> None:
    """Process a delivery again, as soon as a worker is free.

    Waits for an attempt that is under way. Raises Forbidden, NotFound, and Conflict for a delivery that waits already,
    wasn't verified, or whose body is no longer stored.
    """
    actor.requires(Permission.WEBHOOKS_REPLAY)
    row = db.session.execute(
        held(restrict(_STATE, WebhookDelivery, actor).where(WebhookDelivery.id == delivery_id))
    ).one_or_none()
    if row is None:
        raise NotFound("webhook_delivery", delivery_id)
    if not is_replayable(row.status, is_verified=row.signature_ok, body_bytes=row.body_bytes):
        raise Conflict(None, _refusal(row))
    _restart(actor, [row])


def count_replayable(actor: Actor, filters: DeliveryFilters, until: datetime) -> int:
    """Count the deliveries that match the filters, arrived by a time and can be replayed, up to MAX_REPLAYED + 1."""
    ids = restrict(select(WebhookDelivery.id), WebhookDelivery, actor).where(*_matching(actor, filters, until))
    return db.session.scalars(select(func.count()).select_from(ids.limit(MAX_REPLAYED + 1).subquery())).one()


def replay_matching(actor: Actor, filters: DeliveryFilters, until: datetime) -> int:
    """Replay all deliveries that match the filters, arrived by a time and can be replayed, and return their number.

    Raises Forbidden, and Conflict without replaying any if there are more than MAX_REPLAYED.
    """
    actor.requires(Permission.WEBHOOKS_REPLAY)
    total = count_replayable(actor, filters, until)
    refuse_too_many(total)
    number, last = 0, None
    while rows := _next_rows(actor, _matching(actor, filters, until), last):
        _restart(actor, rows)
        number, last = number + len(rows), rows[-1].id
        progress(number, total)
    return number


def refuse_too_many(number: int) -> None:
    """Raise Conflict for more deliveries than one replay can have."""
    if number > MAX_REPLAYED:
        raise Conflict(
            None, _l("More than %(most)s deliveries match. Narrow the filters first.", most=f"{MAX_REPLAYED:,}")
        )


def _matching(actor: Actor, filters: DeliveryFilters, until: datetime) -> Sequence[ColumnElement[bool]]:
    arrived = WebhookDelivery.created_at <= until
    return [*delivery_list.conditions(filters, actor, until), arrived, _REPLAYABLE]


def _next_rows(actor: Actor, conditions: Sequence[ColumnElement[bool]], last: UUID | None) -> Sequence[Row[Any]]:
    rows = restrict(_STATE, WebhookDelivery, actor).where(*conditions)
    if last is not None:
        rows = rows.where(WebhookDelivery.id > last)
    return db.session.execute(held(rows.order_by(WebhookDelivery.id).limit(_ROWS_A_STEP))).all()


def _restart(actor: Actor, rows: Sequence[Row[Any]]) -> None:
    """Put locked deliveries back among those that are due, record it, and notify the worker."""
    db.session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.organization_id == actor.organization_id,
            is_any_of(WebhookDelivery.id, [row.id for row in rows]),
        )
        .values(
            status=DeliveryStatus.RECEIVED,
            attempts=0,
            next_attempt_at=datetime.now(UTC),
            ignored_because=None,
            error=None,
            processed_at=None,
        )
    )
    for status in REPLAYABLE_STATUSES:
        ids = [row.id for row in rows if row.status == status]
        record_events(Action.WEBHOOK_DELIVERY_REPLAYED, "webhook_delivery", ids, {"status": status})
    db.session.execute(select(func.pg_notify(CHANNEL, "")))


def _refusal(row: Row[Any]) -> LazyText:
    if not row.signature_ok:
        return _l("This delivery wasn’t verified, so it can’t be replayed.")
    if row.body_bytes == 0:
        return _l("The body of this delivery is no longer stored, so it can’t be replayed.")
    return _l("This delivery is already waiting to be processed.")
