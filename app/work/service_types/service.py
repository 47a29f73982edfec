"""Writing service types."""

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.models import ServiceType
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.row_writing import add_row, edit_row, values_of
from app.work.service_types.queries import get_service_type

_SENT_ALREADY = _l("This form was sent already. Open a new one to add another service type.")


def add(actor: Actor, service_type_id: UUID, *, name: str, minutes: int, is_active: bool) -> ServiceType:
    """Add a type; `service_type_id` is made with the form. Raises Forbidden, and Conflict for a name that is taken."""
    actor.requires(Permission.ORGANIZATION_UPDATE)
    wanted = {"name": name, "minutes": minutes, "is_active": is_active}
    return add_row(actor, ServiceType, service_type_id, wanted, _SENT_ALREADY)


def edit(actor: Actor, service_type_id: UUID, *, name: str, minutes: int, is_active: bool, version: int) -> ServiceType:
    """Change a type; what is booked stays as it is. Raises NotFound, Forbidden, VersionConflict, and Conflict for a
    name that is taken."""
    actor.requires(Permission.ORGANIZATION_UPDATE)
    row = get_service_type(actor, service_type_id, lock=True)
    edit_row(row, {"name": name, "minutes": minutes, "is_active": is_active}, version)
    return row


def shown(row: ServiceType) -> dict[str, Any]:
    """What the form of a type shows, by the names of its fields."""
    return values_of(row, ("name", "minutes", "is_active"))
