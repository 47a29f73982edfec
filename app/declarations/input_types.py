"""Types of input values that few inputs have: opening hours, and numbers from 0 to 1."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, PlainValidator
from pydantic_core import PydanticCustomError

_Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_DECIMALS = 2


def _read_hours(value: Any) -> dict[str, list[list[str]]]:
    if not isinstance(value, dict) or not set(value) <= set(get_args(_Weekday)):
        raise PydanticCustomError("hours", "no hours")
    return {day: [_read_span(span) for span in _as_list(spans)] for day, spans in value.items() if spans != []}


def _read_span(span: Any) -> list[str]:
    clocks = _as_list(span)
    if len(clocks) != 2 or not all(isinstance(clock, str) and _CLOCK.fullmatch(clock) for clock in clocks):
        raise PydanticCustomError("hours", "no hours")
    return list(clocks)


def _as_list(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise PydanticCustomError("hours", "no hours")
    return list(value)


#: Opening hours by weekday as {"monday": [["08:00", "12:00"]]}; a missing weekday is closed. The database refuses spans
#: that overlap or end before they begin.
Hours = Annotated[
    dict[str, Any], PlainValidator(_read_hours, json_schema_input_type=dict[_Weekday, list[tuple[str, str]]])
]


def _read_share(value: Any) -> Decimal:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= 1:
        raise PydanticCustomError("share", "no share")
    return round(Decimal(str(value)), _DECIMALS)


#: A number from 0 to 1, kept with two decimals.
Share = Annotated[Decimal, PlainValidator(_read_share, json_schema_input_type=Annotated[float, Field(ge=0, le=1)])]
