"""Targets."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.insight.targets import resource, trash, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.targets,
    pages=(views,),
    navigation=(Place(Group.ORGANIZATION, "targets.index", _l("Targets"), "flag", Permission.TARGETS_WRITE),),
    resources=(resource.TARGET,),
    deletes=(trash.TARGET_DELETION,),
)
