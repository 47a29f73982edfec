"""Declaration of the trash: deleted records, and restoring them."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.security.permissions import Permission
from app.trust.trash import api, bulk_views, file_jobs, jobs, privacy, resource, restore_views, views
from app.trust.trash.notices import DELETION_FINISHED

FEATURE = Feature(
    blueprint=views.trash,
    pages=(
        views,
        restore_views,
        bulk_views,
    ),
    navigation=(Place(Group.RECORDS, "trash.index", _l("Trash"), "trash-2", Permission.TRASH_READ, "z"),),
    jobs=(
        jobs.purge_trash,
        jobs.purge_organizations,
        jobs.restore_deletion,
        jobs.delete_rest,
        file_jobs.remove_file,
        file_jobs.remove_unfinished_files,
    ),
    notices=(DELETION_FINISHED,),
    api=api.API,
    resources=(resource.DELETION_BATCH,),
    personal=privacy.PERSONAL,
)
