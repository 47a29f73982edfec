"""Unsubscribing from a kind of email by its unsubscribe link, and subscribing again.

This works without signing in. The link is signed, contains the person and the kind, and grants nothing else. It changes
the same choice as the table on `/notifications`, and the audit trail attributes it to the person.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import Select, select

from app.db.context import current_context, update_context, use_context
from app.db.session import enter_context
from app.db.transaction import own_transaction
from app.declarations.notice import Notice, Way
from app.declarations.registry import registry
from app.errors import NotFound
from app.extensions import db
from app.messaging.notifications.queries import default_channels
from app.messaging.outbox.link_service import public_address
from app.models import Organization, OrganizationStatus, User, UserStatus
from app.security.scope import unscoped

#: How long the link of an email works; after that, the person has to sign in.
LINK_LIFETIME = timedelta(days=180)

_SALT = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A person's subscription to one kind of email, as an unsubscribe link names it.

    `gets_mail` states whether they get these emails now.
    """

    organization_id: UUID
    user_id: UUID
    email: str
    organization_name: str
    notice: Notice
    gets_mail: bool


def unsubscribe_address(notice: Notice, organization_id: UUID, user_id: UUID) -> str:
    """Return the absolute address that unsubscribes a person from emails of this kind.

    It goes into the header and the footer of each email.
    """
    token = _serializer().dumps([organization_id.hex, user_id.hex, notice.kind])
    return public_address("notifications.confirm_unsubscribe", token=str(token))


def find_subscription(token: str) -> Subscription | None:
    """Return the subscription of a link, in a transaction of its own, or None if the link is not valid.

    A link is not valid if it was forged or has expired, if its kind of email or its person no longer exists, if the
    person has been deactivated, or if the organization is not active.
    """
    found = _read(token)
    if found is None:
        return None
    organization_id, user_id, notice = found
    with use_context(replace(current_context(), organization_id=organization_id)), own_transaction() as session:
        columns = select(User.email, User.notification_choices, Organization.name)
        row = session.execute(_of(columns, organization_id, user_id)).one_or_none()
        defaults = notice.defaults(session, organization_id, [user_id])
    if row is None:
        return None
    ways = notice.chosen(row.notification_choices, defaults[user_id])
    return Subscription(organization_id, user_id, row.email, row.name, notice, Way.MAIL in ways)


def unsubscribe(token: str) -> Subscription:
    """Unsubscribe the person from emails of the kind; doing it again has no effect.

    Raises NotFound for an invalid link.
    """
    return _choose(token, wants_mail=False)


def subscribe(token: str) -> Subscription:
    """Subscribe the person again. Raises NotFound for an invalid link."""
    return _choose(token, wants_mail=True)


def _choose(token: str, *, wants_mail: bool) -> Subscription:
    found = find_subscription(token)
    if found is None:
        raise NotFound("subscription")
    # Regardless of who is signed in, the person of the link makes this choice.
    _serve(organization_id=found.organization_id, actor_home_id=None, visit=None, viewing_as=None)
    locked = _of(select(User), found.organization_id, found.user_id).with_for_update(key_share=True, of=User)
    person = db.session.scalar(locked.execution_options(populate_existing=True))
    if person is None:
        raise NotFound("subscription")
    _serve(actor_id=person.id, actor_label=person.name, actor_role=person.role)
    ways = found.notice.chosen(person.notification_choices, default_channels(person, found.notice))
    wanted = ways | {Way.MAIL} if wants_mail else ways - {Way.MAIL}
    # A choice equal to the current state is stored too, and then overrides the organization's decisions.
    if person.notification_choices.get(found.notice.kind) != sorted(wanted):
        person.notification_choices = {**person.notification_choices, found.notice.kind: sorted(wanted)}
        db.session.flush()
    return replace(found, gets_mail=wants_mail)


def _of(columns: Select[Any], organization_id: UUID, user_id: UUID) -> Select[Any]:
    """Select these columns of the person, unless they are deactivated or the organization is not active."""
    person = unscoped(columns, why="no signed-in user; the unsubscribe link identifies the person")
    return person.join(Organization, Organization.id == User.organization_id).where(
        User.organization_id == organization_id,
        User.id == user_id,
        User.status != UserStatus.INACTIVE,
        Organization.status == OrganizationStatus.ACTIVE,
    )


def _read(token: str) -> tuple[UUID, UUID, Notice] | None:
    """Return the organization, the person and the kind of email of a link; None if it is invalid."""
    try:
        organization, person, kind = _serializer().loads(token, max_age=int(LINK_LIFETIME.total_seconds()))
    except BadSignature:
        return None
    notice = registry().notices.get(kind)
    return (UUID(organization), UUID(person), notice) if notice is not None else None


def _serve(**facts: Any) -> None:
    enter_context(db.session.connection(), update_context(**facts))


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=_SALT)
