"""Processing of stored deliveries: the worker's part, in a thread of its own.

Organizations take turns. The deliveries of one are processed in the order of their arrival, by one worker at a time. An
attempt is counted before it begins, so that a delivery that takes a worker down does not do so forever; what it changes
is committed together with its result, so it takes effect once.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, Uuid, column, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app.db.context import Context, current_context, use_context
from app.db.session import organization_scope
from app.db.transaction import own_transaction
from app.declarations.delivery import DeliveredEvent, DeliveryIgnored, Effect
from app.declarations.registry import registry
from app.extensions import db
from app.models import DeliveryStatus, IgnoredReason, Provider, Role, WebhookDelivery
from app.ops.jobs.run_service import in_words
from app.organization.providers.provider_rules import CATALOGUE
from app.organization.webhooks.event_rules import content_of, read_event, with_task
from app.organization.webhooks.notices import DELIVERY_DEAD
from app.organization.webhooks.process_rules import CHANNEL, DELIVERIES_PER_TURN, MAX_ATTEMPTS, wait_after
from app.security.rows import held
from app.security.scope import unscoped
from app.tenancy.notification_service import notify_all
from app.tenancy.people_queries import list_people_in_charge

_MAX_ERROR_LENGTH = 1_000

#: Columns of a delivery that are known before its transaction begins.
_FACTS: tuple[InstrumentedAttribute[Any], ...] = (
    WebhookDelivery.organization_id,
    WebhookDelivery.id,
    WebhookDelivery.provider,
    WebhookDelivery.correlation_id,
    WebhookDelivery.attempts,
)

_log = structlog.get_logger("switchboard.webhooks")


def process_due(is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Process all due deliveries of active organizations; stop between two of them once `is_stopping` is true."""
    while not is_stopping():
        numbers = [_process_turn(organization_id, is_stopping) for organization_id in _list_due_organizations()]
        if not any(numbers):
            return


def _list_due_organizations() -> Sequence[UUID]:
    due = func.organizations_with_deliveries_due().table_valued(column("organization_id", Uuid))
    organizations = db.session.scalars(select(due.c.organization_id)).all()
    db.session.rollback()
    return organizations


def _process_turn(organization_id: UUID, is_stopping: Callable[[], bool]) -> int:
    """Process some due deliveries of an organization, and return their number; 0 if another worker does so."""
    number = 0
    with organization_scope(Context(organization_id=organization_id), db.session):
        while number < DELIVERIES_PER_TURN and not is_stopping() and _process_next(organization_id):
            number += 1
    return number


def _process_next(organization_id: UUID) -> bool:
    """Process the delivery that is due first; return False if there is none, or another worker is at work on them."""
    row = _find_next(organization_id)
    db.session.rollback()  # a transaction keeps the context that it began with
    if row is None:
        return False
    facts = {"delivery": str(row.id), "provider": row.provider, "correlation_id": row.correlation_id}
    with use_context(_context_of(row)), structlog.contextvars.bound_contextvars(**facts):
        if not _is_first(row):
            db.session.rollback()
            return False
        try:
            _attempt(row)
        except Exception as error:  # noqa: BLE001 - any error is stored with the delivery, where people find it
            db.session.rollback()
            _log.warning("delivery failed", attempts=row.attempts + 1, exc_info=error)
            _store_failure(row.id, row.attempts + 1, error)
    return True


def _find_next(organization_id: UUID) -> Row[Any] | None:
    due = unscoped(select(*_FACTS), why="the worker processes the deliveries of the organization").where(
        WebhookDelivery.organization_id == organization_id, WebhookDelivery.next_attempt_at <= datetime.now(UTC)
    )
    in_order = due.order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id)
    first: Row[Any] | None = db.session.execute(in_order.limit(1)).one_or_none()
    return first


def _context_of(row: Row[Any]) -> Context:
    return Context(
        organization_id=row.organization_id,
        source="external",
        actor_label=str(CATALOGUE[Provider(row.provider)].label),
        correlation_id=row.correlation_id,
    )


def _is_first(row: Row[Any]) -> bool:
    """Keep other workers from the organization's deliveries until the transaction ends.

    Returns False if another worker is at work on them, or has processed this one in the meantime.
    """
    key = func.hashtextextended(f"{CHANNEL} {current_context().organization_id}", 0)
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(key))):
        return False
    current = _find_next(row.organization_id)
    return current is not None and (current.id, current.attempts) == (row.id, row.attempts)


def _attempt(row: Row[Any]) -> None:
    """Count an attempt, which is committed at once; then process the delivery and commit what it changes."""
    attempts = row.attempts + 1
    with own_transaction() as session:
        session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.organization_id == row.organization_id, WebhookDelivery.id == row.id)
            .values(attempts=attempts, next_attempt_at=datetime.now(UTC) + wait_after(attempts))
        )
    delivery = _lock(row.id)
    if delivery is None:  # retention, or an erasure of the organization
        return
    event = _event_of(delivery)
    try:
        effects = _handler_of(event, delivery.body)(event)
    except DeliveryIgnored as ignored:
        delivery.status, delivery.ignored_because = DeliveryStatus.IGNORED, ignored.reason
    else:
        delivery.status, delivery.processed_at = DeliveryStatus.PROCESSED, datetime.now(UTC)
        delivery.effects = [*delivery.effects, *(effect.to_json() for effect in effects)]
    delivery.next_attempt_at = delivery.error = None
    db.session.commit()


def _lock(delivery_id: UUID) -> WebhookDelivery | None:
    delivery: WebhookDelivery | None = db.session.scalar(
        held(
            unscoped(select(WebhookDelivery), why="the worker processes the deliveries of the organization").where(
                WebhookDelivery.organization_id == current_context().organization_id, WebhookDelivery.id == delivery_id
            )
        )
    )
    return delivery


def _handler_of(event: DeliveredEvent, body: bytes) -> Callable[[DeliveredEvent], Sequence[Effect]]:
    """Return the function that processes an event.

    Raises DeliveryIgnored if there is none, with the reason as on arrival; a replay thus doesn't change it.
    """
    for handler in registry().deliveries:
        if handler.provider == event.provider and event.type in handler.types:
            return handler.handle
    # The type of an event is the path, where the path matters.
    arrived = read_event(event.provider, event.type, body, event.content)
    raise DeliveryIgnored(arrived.ignored_because or IgnoredReason.UNUSED_EVENT)


def _event_of(delivery: WebhookDelivery) -> DeliveredEvent:
    provider = Provider(delivery.provider)
    content = with_task(provider, content_of(provider, delivery.body), delivery.headers)
    return DeliveredEvent(delivery.organization_id, provider, delivery.event_type, delivery.external_id, content)


def _store_failure(delivery_id: UUID, attempts: int, error: Exception) -> None:
    delivery = _lock(delivery_id)
    if delivery is not None and delivery.attempts == attempts:
        delivery.error = in_words(error)[:_MAX_ERROR_LENGTH]
        delivery.status = DeliveryStatus.FAILED
        if attempts >= MAX_ATTEMPTS:
            delivery.status, delivery.next_attempt_at = DeliveryStatus.DEAD, None
            _notify_of_dead(delivery)
    db.session.commit()


def _notify_of_dead(delivery: WebhookDelivery) -> None:
    people = list_people_in_charge(delivery.organization_id, Role.OWNER, Role.ADMIN)
    sentence = _l(
        "An event from %(provider)s couldn’t be processed after %(number)s attempts. Nothing is lost; replay it once "
        "the cause is fixed.",
        provider=CATALOGUE[Provider(delivery.provider)].label,
        number=MAX_ATTEMPTS,
    )
    notify_all(DELIVERY_DEAD, people, sentence, f"/webhook-deliveries/{delivery.id}", delivery.id)
