"""Declarations of the phone numbers feature."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, place_of_list
from app.declarations.setup_step import SetupStep
from app.lists.export import list_export
from app.security.permissions import Permission
from app.work.phone_numbers import api, queries, resource, trash, views

FEATURE = Feature(
    blueprint=views.phone_numbers,
    pages=(views,),
    navigation=(place_of_list(Group.SETTINGS, resource.PHONE_NUMBER),),
    api=api.API,
    setup=(
        SetupStep(
            label=_l("Phone numbers"),
            hint=_l("Add the numbers that your callers dial."),
            endpoint="phone_numbers.index",
            permission=Permission.PHONE_NUMBERS_WRITE,
            is_done=queries.has_numbers,
            order=4,
        ),
    ),
    resources=(resource.PHONE_NUMBER,),
    exports=(list_export(resource.PHONE_NUMBER, resource.PHONE_NUMBER_LIST),),
    deletes=(trash.PHONE_NUMBER_DELETION,),
)
