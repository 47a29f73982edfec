"""Service types."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.security.permissions import Permission
from app.work.service_types import resource, trash, views

FEATURE = Feature(
    blueprint=views.service_types,
    pages=(views,),
    navigation=(
        Place(Group.ORGANIZATION, "service_types.index", _l("Service types"), "wrench", Permission.ORGANIZATION_UPDATE),
    ),
    resources=(resource.SERVICE_TYPE,),
    deletes=(trash.SERVICE_TYPE_DELETION,),
)
