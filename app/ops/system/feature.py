"""Declaration of the installation's health and metrics."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.ops.system import health_views, jobs, metrics_views, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.system,
    pages=(
        views,
        health_views,
        metrics_views,
    ),
    navigation=(Place(Group.WORK, "system.show", _l("System"), "gauge", Permission.SYSTEM_READ, order=2),),
    jobs=(jobs.prune_rate_limits,),
)
