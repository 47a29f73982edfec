"""Feature declaration for invitations."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.people.invitations import api, import_views, resource, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.invitations,
    pages=(
        views,
        import_views,
    ),
    navigation=(Place(Group.SETTINGS, "invitations.index", _l("Invitations"), "user-plus", Permission.USERS_INVITE),),
    api=api.API,
    resources=(resource.INVITATION,),
)
