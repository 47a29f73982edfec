"""Declarations of the imports feature: records from files of other systems."""

from flask_babel import lazy_gettext as _l

from app.data.imports import api, jobs, mapping_views, queries, resource, undo_views, views
from app.data.imports.notices import IMPORT_FINISHED
from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.declarations.setup_step import SetupStep
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.imports,
    pages=(
        views,
        mapping_views,
        undo_views,
    ),
    navigation=(Place(Group.DATA, "imports.index", _l("Imports"), "upload", Permission.CALLS_IMPORT, "i"),),
    jobs=(
        jobs.import_file,
        jobs.preview_file,
        jobs.weigh_undo,
        jobs.undo_import,
        jobs.end_abandoned_imports,
        jobs.clean_up_imports,
    ),
    notices=(IMPORT_FINISHED,),
    setup=(
        SetupStep(
            label=_l("Import"),
            hint=_l("Bring contacts, calls and deals from your previous system."),
            endpoint="imports.index",
            permission=Permission.CALLS_IMPORT,
            is_done=queries.has_imported,
            order=5,
        ),
    ),
    api=api.API,
    resources=(
        resource.IMPORT,
        resource.IMPORT_MAPPING,
        resource.IMPORT_ERROR,
        resource.IMPORTED_ROW,
    ),
)
