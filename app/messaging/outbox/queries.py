"""Queries for sent and queued messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.db.paging import newest_or_oldest_first
from app.errors import NotFound
from app.extensions import db
from app.messaging.outbox.filters import MessageFilters
from app.messaging.outbox.mails import LINK_PLACE
from app.models import Message, MessageDirection, User
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.permissions import Role
from app.security.scope import unscoped, visible

#: Number of characters of a message shown in the list.
_FIRST_WORDS = 120


@dataclass(frozen=True, slots=True)
class Sending:
    """A message and the role of its recipient.

    The role is None if the recipient neither is a user of the organization nor was invited to become one.
    """

    message: Message
    receiver_role: Role | None


SORTS = newest_or_oldest_first("createdAt", Message.created_at, Message.id)


def _conditions(filters: MessageFilters) -> list[ColumnElement[bool]]:
    """Return the SQL conditions of `filters`."""
    found: list[ColumnElement[bool]] = [Message.direction == MessageDirection.OUTBOUND]
    if filters.status is not None:
        found.append(Message.status == filters.status)
    if filters.channel is not None:
        found.append(Message.channel == filters.channel)
    return found


def get_sending(actor: Actor, message_id: UUID) -> Sending:
    """Return a message with its recipient's role; raises NotFound.

    The role is the higher one of the current role and the role at the time of the message.
    """
    wanted = (
        visible(Message, actor)
        .add_columns(User.role)
        .outerjoin(User, refers_to(User, Message, Message.receiver_id))
        .where(Message.id == message_id)
    )
    found = db.session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound("message", message_id)
    message, role_now = found
    roles = [Role(role) for role in (role_now, message.receiver_role) if role is not None]
    # A demoted user could be promoted again, and the link of a promoted user must not be readable by former peers.
    return Sending(message, max(roles, key=lambda role: role.rank, default=None))


_ROW = select(
    Message.id,
    Message.channel,
    Message.to_address,
    Message.subject,
    func.left(func.replace(Message.body, LINK_PLACE, "…"), _FIRST_WORDS).label("first_words"),
    Message.status,
    Message.error_code,
    Message.sent_at,
    Message.created_at,
)


#: The outbound messages that `actor` can see and that match `filters`.
message_list = ListOf(
    Message,
    _ROW,
    narrow=lambda filters, _actor, _now: _conditions(filters),
    sorts=SORTS,
)


def count_with_keys(organization_id: UUID, dedupe_keys: Sequence[str]) -> int:
    """Count the messages that were queued in an organization with one of these keys."""
    queued = unscoped(select(func.count()).select_from(Message), why="the receiver isn't signed in yet").where(
        Message.organization_id == organization_id, is_any_of(Message.dedupe_key, dedupe_keys)
    )
    return db.session.scalars(queued).one()
