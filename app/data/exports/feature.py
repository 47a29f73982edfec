"""Declarations of the exports feature: lists as files, created in the background."""

from flask_babel import lazy_gettext as _l

from app.data.exports import api, jobs, resource, retention, views
from app.data.exports.notices import EXPORT_READY
from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.exports,
    pages=(views,),
    navigation=(Place(Group.DATA, "exports.index", _l("Exports"), "download", Permission.EXPORTS_CREATE, "e"),),
    jobs=(
        jobs.make_export,
        jobs.remove_exports,
    ),
    notices=(EXPORT_READY,),
    api=api.API,
    resources=(resource.EXPORT,),
    retains=(retention.EXPORTS,),
)
