"""The secret link of a message, kept apart from its text and sealed."""

from app.models import Message
from app.security.encryption import unseal

#: Stands in the stored text where the link goes: whoever reads the text, in the app or in a backup, cannot follow it.
LINK_PLACE = "{link}"


def with_link(message: Message) -> str:
    """The whole text, with what only its reader may know. Raises SecretUnreadable under another SECRETS_KEY."""
    if message.link_secret is None:
        return message.body
    return message.body.replace(LINK_PLACE, unseal(message.link_secret, purpose_of(message)))


def purpose_of(message: Message) -> str:
    """What its link is sealed for: another message’s would not open."""
    return f"link of message {message.id}"
