"""Creating and editing service types."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.models import ServiceType
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.row_writing import add_row, edit_row
from app.security.rows import get_row
from app.work.service_types.rules import ServiceTypeInput

_SENT_ALREADY = _l("This form was already submitted. Open a new one to add another service type.")


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
