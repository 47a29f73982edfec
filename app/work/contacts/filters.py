"""Filters for lists of contacts."""

from typing import Annotated

from pydantic import Field

from app.db.filters import Blank, Filters, OptionalDate, Search, Several
from app.models import ContactSource
from app.periods import PeriodName
from app.work.contacts.rules import MAX_TAG_LENGTH


class ContactFilters(Filters):
    """Filters of `/contacts`.

    The period is when a contact was added; `tag` is one of its tags, spelled exactly. `texts` matches contacts who
    haven't, or have, opted out of texts.
    """

    q: Search = ""
    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    source: Annotated[tuple[ContactSource, ...], Several] = ()
    tag: Annotated[str, Field(max_length=MAX_TAG_LENGTH)] = ""
    texts: Annotated[bool | None, Blank] = None
