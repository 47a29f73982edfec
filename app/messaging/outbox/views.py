"""The pages below `/outbox`: messages that were sent, are waiting to be sent, or have failed."""

from uuid import UUID

from flask import Blueprint, Response, render_template

from app.lists.cells import draw
from app.lists.list_page import list_page
from app.messaging.outbox.mails import LINK_PLACE
from app.messaging.outbox.queries import get_sending
from app.messaging.outbox.resource import MESSAGE
from app.messaging.outbox.rules import may_read_link
from app.messaging.outbox.service import mail_server_is_set, show_link
from app.models import Message, MessageStatus
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission

outbox = Blueprint("outbox", __name__)


@outbox.get("/outbox")
@requires(Permission.OUTBOX_READ)
def index() -> Response:
    """Show the list of messages, the latest first."""
    return list_page(MESSAGE, "messaging/outbox", own=("subject", "to_address"), is_sending=mail_server_is_set())


@outbox.get("/outbox/<uuid:message_id>")
@requires(Permission.OUTBOX_READ)
def show(message_id: UUID) -> str:
    """Show the text of a message, without its link."""
    return _page(message_id, link=None)


@outbox.post("/outbox/<uuid:message_id>/link")
@requires(Permission.OUTBOX_READ, Permission.OUTBOX_READ_LINKS)
def link(message_id: UUID) -> str:
    """Show the text with its link, for users who can pass it on; the audit trail records it."""
    return _page(message_id, link=show_link(current_actor(), message_id))


def _page(message_id: UUID, link: str | None) -> str:
    actor = current_actor()
    sending = get_sending(actor, message_id)
    message = sending.message
    has_link = message.link_secret is not None
    return render_template(
        "messaging/outbox/show.html",
        message=message,
        labels=MESSAGE.labels,
        status=draw(MESSAGE, "status", message.status),
        parts=message.body.partition(LINK_PLACE),
        link=link,
        has_link=has_link,
        may_read_link=has_link and may_read_link(actor, message.template, sending.receiver_role),
        may_mark_sent=_may_mark_sent(actor, message),
        is_sending=mail_server_is_set(),
    )


def _may_mark_sent(actor: Actor, message: Message) -> bool:
    """Return whether `actor` can mark this text message as sent.

    The message must still be queued for a missed caller, and `actor` must be a user of the organization who can work
    missed calls.
    """
    waits = message.missed_entry_id is not None and message.status == MessageStatus.QUEUED
    return waits and actor.may(Permission.MISSED_CALLS_WORK) and actor.reference_id is not None
