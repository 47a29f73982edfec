"""Links in messages: absolute addresses of pages, and secret links.

A secret link is sealed and stored apart from the text.
"""

from flask import current_app

from app.config import Settings
from app.messaging.outbox.mails import LINK_PLACE
from app.models import Message
from app.security.encryption import unseal


def with_link(message: Message) -> str:
    """Return the complete text of a message, including the secret link.

    Raises SecretUnreadable if the link was sealed with another SECRETS_KEY.
    """
    if message.link_secret is None:
        return message.body
    return message.body.replace(LINK_PLACE, unseal(message.link_secret, purpose_of(message)))


def purpose_of(message: Message) -> str:
    """Return the purpose that a message's link is sealed for; it can't be unsealed for another message."""
    return f"link of message {message.id}"


def public_address(endpoint: str, **values: str) -> str:
    """Return the absolute address of a page, for text read outside the app.

    It is built from the settings, not from the request, whose host is chosen by the client.
    """
    return absolute_url(current_app.url_map.bind("").build(endpoint, values))


def absolute_url(path: str) -> str:
    """Return the absolute address of a path of this app."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.address + path
