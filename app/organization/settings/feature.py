"""Feature declaration for the settings of an organization and its deletion."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.organization.settings import api, deletion_views, resource, trash, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.settings,
    pages=(
        views,
        deletion_views,
    ),
    navigation=(
        Place(
            Group.SETTINGS, "settings.show", _l("Organization"), "building", Permission.ORGANIZATION_READ, "o", order=-1
        ),
        Place(Group.ORGANIZATION_TABS, "settings.show", _l("Profile"), "building", Permission.ORGANIZATION_READ),
        Place(
            Group.ORGANIZATION_TABS,
            "settings.confirm_delete",
            _l("Delete"),
            "trash-2",
            Permission.ORGANIZATION_DELETE,
            order=2,
        ),
    ),
    api=api.API,
    resources=(resource.ORGANIZATION,),
    deletes=(trash.ORGANIZATION_DELETION,),
)
