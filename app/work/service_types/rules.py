"""Bounds of service types, which appointments share."""

from typing import Annotated

from flask_babel import lazy_gettext as _l
from pydantic import Field

from app.declarations.input import Input, InputTexts

MIN_NAME_LENGTH, MAX_NAME_LENGTH = 2, 80
MIN_MINUTES, MAX_MINUTES = 15, 480


class ServiceTypeInput(Input):
    """A service and the usual length of its appointments, within the same bounds as an appointment's."""

    name: Annotated[
        str,
        Field(min_length=MIN_NAME_LENGTH, max_length=MAX_NAME_LENGTH),
        InputTexts(missing=_l("Enter a name."), field_id="service-type-name"),
    ]
    minutes: Annotated[
        int,
        Field(ge=MIN_MINUTES, le=MAX_MINUTES),
        InputTexts(
            _l("Appointment length (minutes)"),
            _l("Can be changed when booking. Existing appointments keep their length."),
            wrong=_l("Enter 15 to 480 minutes."),
        ),
    ]
    is_active: Annotated[bool, InputTexts(_l("Active: available when booking"))] = True
