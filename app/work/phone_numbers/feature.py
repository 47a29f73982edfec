"""The numbers of the organization."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.lists.export import list_export
from app.security.permissions import Permission
from app.work.phone_numbers import resource, trash, views

FEATURE = Feature(
    blueprint=views.phone_numbers,
    pages=(views,),
    navigation=(
        Place(Group.ORGANIZATION, "phone_numbers.index", _l("Phone numbers"), "phone", Permission.PHONE_NUMBERS_READ),
    ),
    resources=(resource.PHONE_NUMBER,),
    exports=(list_export(resource.PHONE_NUMBER, resource.PHONE_NUMBER_LIST),),
    deletes=(trash.PHONE_NUMBER_DELETION,),
)
