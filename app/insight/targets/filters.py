"""What the list of targets can be narrowed to."""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from app.db.filters import Filters, OptionalPerson, Several
from app.models import TargetMetric


def _first_day(value: Any) -> Any:
    """The month 2026-03 is stored as its first day; anything else is for the type to refuse."""
    if value == "":
        return None
    return f"{value}-01" if isinstance(value, str) else value


#: A month as a field for months sends it, by its first day.
OptionalMonth = Annotated[
    date | None,
    BeforeValidator(_first_day),
    PlainSerializer(lambda day: f"{day:%Y-%m}", return_type=str, when_used="json-unless-none"),
]


class TargetFilters(Filters):
    """Filters of `/targets`. `person` none is the whole company."""

    month: OptionalMonth = None
    metric: Annotated[tuple[TargetMetric, ...], Several] = ()
    person: OptionalPerson = None
