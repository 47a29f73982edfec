"""Declarations of the note templates feature."""

from app.declarations.feature import Feature
from app.declarations.place import Group, place_of_list
from app.work.note_templates import api, resource, views

FEATURE = Feature(
    blueprint=views.note_templates,
    pages=(views,),
    navigation=(place_of_list(Group.SETTINGS, resource.NOTE_TEMPLATE),),
    api=api.API,
    resources=(resource.NOTE_TEMPLATE,),
    deletes=(resource.NOTE_TEMPLATE_DELETION,),
)
