"""Declarations of the phone numbers feature."""

from app.declarations.feature import Feature
from app.declarations.place import Group, place_of_list
from app.lists.export import list_export
from app.work.phone_numbers import api, resource, trash, views

FEATURE = Feature(
    blueprint=views.phone_numbers,
    pages=(views,),
    navigation=(place_of_list(Group.SETTINGS, resource.PHONE_NUMBER),),
    api=api.API,
    resources=(resource.PHONE_NUMBER,),
    exports=(list_export(resource.PHONE_NUMBER, resource.PHONE_NUMBER_LIST),),
    deletes=(trash.PHONE_NUMBER_DELETION,),
)
