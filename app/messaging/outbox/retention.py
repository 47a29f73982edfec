"""Declaration of the retention of messages."""

from app.declarations.retained import Retained
from app.messaging.outbox.resource import MESSAGE

MESSAGES = Retained(kind="messages", resource=MESSAGE)
