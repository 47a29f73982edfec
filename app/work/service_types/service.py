"""Creating and editing service types."""

from typing import Annotated
from uuid import UUID

from flask_babel import lazy_gettext as _l
from pydantic import Field

from app.declarations.input import Input, InputTexts
from app.models import ServiceType
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.row_writing import add_row, edit_row
from app.security.rows import get_row

_SENT_ALREADY = _l("This form was already submitted. Open a new one to add another service type.")


class ServiceTypeInput(Input):
    """A service and the usual length of its appointments, within the same bounds as an appointment's."""

    name: Annotated[
        str, Field(min_length=2, max_length=80), InputTexts(missing=_l("Enter a name."), field_id="service-type-name")
    ]
    minutes: Annotated[
        int,
        Field(ge=15, le=480),
        InputTexts(
            _l("Appointment length (minutes)"),
            _l("Can be changed when booking. Existing appointments keep their length."),
            wrong=_l("Enter 15 to 480 minutes."),
        ),
    ]
    is_active: Annotated[bool, InputTexts(_l("Active: available when booking"))] = True


def add(actor: Actor, service_type_id: UUID, given: ServiceTypeInput) -> ServiceType:
    """Create a service type. Raises Forbidden, and Conflict for a taken name or a form changed and resent."""
    actor.requires(Permission.ORGANIZATION_UPDATE)
    return add_row(actor, ServiceType, service_type_id, given.values(), _SENT_ALREADY)


def edit(actor: Actor, service_type_id: UUID, given: ServiceTypeInput, version: int) -> ServiceType:
    """Change a service type, but no appointments. Raises NotFound, VersionConflict and `add`'s errors."""
    actor.requires(Permission.ORGANIZATION_UPDATE)
    row = get_row(actor, ServiceType, service_type_id, named="service_type", lock=True)
    edit_row(row, given.values(), version)
    return row
