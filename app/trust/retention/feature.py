"""Declaration of the retention feature: how long records are retained."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.security.permissions import Permission
from app.trust.retention import jobs, views

FEATURE = Feature(
    blueprint=views.retention,
    pages=(views,),
    navigation=(
        Place(Group.ORGANIZATION_TABS, "retention.edit", _l("Retention"), "hourglass", Permission.ORGANIZATION_READ),
    ),
    jobs=(jobs.apply_retention,),
)
