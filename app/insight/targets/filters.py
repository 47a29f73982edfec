"""Filters of the list of targets."""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from app.db.filters import Filters, OptionalPerson, Several
from app.models import TargetMetric


def _first_day(value: Any) -> Any:
    """Convert a month such as 2026-03 to its first day, as text; the field's type rejects anything else."""
    if value == "":
        return None
    return f"{value}-01" if isinstance(value, str) else value


#: A month as a month field submits it, as its first day.
OptionalMonth = Annotated[
    date | None,
    BeforeValidator(_first_day),
    PlainSerializer(lambda day: f"{day:%Y-%m}", return_type=str, when_used="json-unless-none"),
]


class TargetFilters(Filters):
    """Filters of `/targets`; the `person` "none" selects targets of the whole organization."""

    month: OptionalMonth = None
    metric: Annotated[tuple[TargetMetric, ...], Several] = ()
    person: OptionalPerson = None
