"""Feature declaration for roles and permissions."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.people.roles import api, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.roles,
    pages=(views,),
    api=api.API,
    navigation=(Place(Group.SETTINGS, "roles.index", _l("Roles"), "key-round", Permission.ROLES_READ),),
)
