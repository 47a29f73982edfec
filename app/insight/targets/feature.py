"""Declaration of the targets feature."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, place_of_list
from app.declarations.setup_step import SetupStep
from app.insight.targets import api, queries, resource, trash, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.targets,
    pages=(views,),
    navigation=(place_of_list(Group.TEAM, resource.TARGET),),
    api=api.API,
    setup=(
        SetupStep(
            label=_l("Targets"),
            hint=_l("Set what the team should reach this month."),
            endpoint="targets.index",
            permission=Permission.TARGETS_WRITE,
            is_done=queries.has_targets,
            order=7,
        ),
    ),
    resources=(resource.TARGET,),
    deletes=(trash.TARGET_DELETION,),
)
