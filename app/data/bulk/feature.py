"""Declarations of the bulk changes feature."""

from flask_babel import lazy_gettext as _l

from app.data.bulk import api, jobs, resource, views
from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.bulk,
    pages=(views,),
    navigation=(Place(Group.DATA, "bulk.index", _l("Bulk changes"), "square-check-big", Permission.CALLS_UPDATE),),
    jobs=(
        jobs.change_rows,
        jobs.undo_rows,
    ),
    api=api.API,
    resources=(resource.BULK_OPERATION,),
)
