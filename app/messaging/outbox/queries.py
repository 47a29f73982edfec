"""Reading what was sent, and what waits to be."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

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
from app.security.scope import visible

#: How much of a message its list shows, in characters.
_FIRST_WORDS = 120


@dataclass(frozen=True, slots=True)
class Sending:
    """A message, and the role that its receiver has now or is to have; None where it is for nobody of the company."""

    message: Message
    receiver_role: Role | None


SORTS = newest_or_oldest_first("createdAt", Message.created_at, Message.id)


def _conditions(filters: MessageFilters) -> list[ColumnElement[bool]]:
    """What `filters` mean in SQL."""
    found: list[ColumnElement[bool]] = [Message.direction == MessageDirection.OUTBOUND]
    if filters.status is not None:
        found.append(Message.status == filters.status)
    if filters.channel is not None:
        found.append(Message.channel == filters.channel)
    return found


def get_sending(actor: Actor, message_id: UUID) -> Sending:
    """A message; raises NotFound."""
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
    # Who was demoted since may still get back what they had, and who rose must not be read by the former peers.
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


#: The outgoing messages that `actor` may see and `filters` keep.
message_list = ListOf(
    Message,
    _ROW,
    narrow=lambda filters, _actor, _now: _conditions(filters),
    sorts=SORTS,
)
