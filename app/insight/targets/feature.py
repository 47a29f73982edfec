"""Declaration of the targets feature."""

from app.declarations.feature import Feature
from app.declarations.place import Group, place_of_list
from app.insight.targets import api, resource, trash, views

FEATURE = Feature(
    blueprint=views.targets,
    pages=(views,),
    navigation=(place_of_list(Group.TEAM, resource.TARGET),),
    api=api.API,
    resources=(resource.TARGET,),
    deletes=(trash.TARGET_DELETION,),
)
