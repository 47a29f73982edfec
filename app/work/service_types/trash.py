"""How service types are deleted and come back."""

from flask_babel import lazy_pgettext

from app.declarations.deletable import Deletable, Rename
from app.security.permissions import Permission
from app.work.service_types.resource import SERVICE_TYPE

SERVICE_TYPE_DELETION = Deletable(
    resource=SERVICE_TYPE,
    permission=Permission.ORGANIZATION_UPDATE,
    renames={"uq_service_types_name": Rename(column="name", label=lazy_pgettext("thing", "New name"))},
)
