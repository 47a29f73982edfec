"""Links in messages: whole addresses of pages, and the secret one, kept apart from the text and sealed."""

from flask import current_app

from app.config import Settings
from app.messaging.outbox.mails import LINK_PLACE
from app.models import Message
from app.security.encryption import unseal


def with_link(message: Message) -> str:
    """The whole text, with what only its reader may know. Raises SecretUnreadable under another SECRETS_KEY."""
    if message.link_secret is None:
        return message.body
    return message.body.replace(LINK_PLACE, unseal(message.link_secret, purpose_of(message)))


def purpose_of(message: Message) -> str:
    """What its link is sealed for: another message’s would not open."""
    return f"link of message {message.id}"


def public_address(endpoint: str, **values: str) -> str:
    """The whole address of a page as people reach it, for what is read outside of the app.

    It needs no request, which would only tell under which name it came.
    """
    return whole_address(current_app.url_map.bind("").build(endpoint, values))


def whole_address(path: str) -> str:
    """A path of this app as people reach it."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.address + path
