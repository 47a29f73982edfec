"""Background job of the outbox."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.declarations.job import job
from app.messaging.outbox.send_service import fail_message
from app.messaging.outbox.send_service import send_message as send


def _give_up(error: BaseException, message_id: str) -> None:
    fail_message(UUID(message_id), error)


@job("mail.send", _l("Send an email"), give_up=_give_up)
def send_mail(message_id: str) -> None:
    """Send one message through the mail server."""
    send(UUID(message_id))
