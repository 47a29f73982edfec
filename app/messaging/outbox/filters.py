"""Filters of the list of messages."""

from typing import Annotated

from app.db.filters import Blank, Filters
from app.models import Channel, MessageStatus


class MessageFilters(Filters):
    status: Annotated[MessageStatus | None, Blank] = None
    channel: Annotated[Channel | None, Blank] = None
