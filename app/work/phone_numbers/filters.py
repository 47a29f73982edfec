"""Filters of lists of phone numbers."""

from typing import Annotated

from app.db.filters import Blank, Filters, Search, Several
from app.models import NumberProvider, NumberPurpose


class PhoneNumberFilters(Filters):
    """Filters of `/phone-numbers`. `q` is a part of the name or of the number's digits."""

    q: Search = ""
    purpose: Annotated[tuple[NumberPurpose, ...], Several] = ()
    provider: Annotated[tuple[NumberProvider, ...], Several] = ()
    in_use: Annotated[bool | None, Blank] = None
