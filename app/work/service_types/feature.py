"""Declarations of the service types feature."""

from app.declarations.feature import Feature
from app.declarations.place import Group, place_of_list
from app.work.service_types import api, resource, views

FEATURE = Feature(
    blueprint=views.service_types,
    pages=(views,),
    navigation=(place_of_list(Group.SETTINGS, resource.SERVICE_TYPE),),
    api=api.API,
    resources=(resource.SERVICE_TYPE,),
    deletes=(resource.SERVICE_TYPE_DELETION,),
)
