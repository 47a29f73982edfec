"""The queue of callers to be called back."""

from flask_babel import lazy_gettext as _l

from app.declarations.events import CallsImported, ContactAdded
from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.lists.export import list_export
from app.security.permissions import Permission
from app.work.missed_calls import jobs, open_work, privacy, resource, retention, views, work_views
from app.work.missed_calls.contact_service import name_missed_caller
from app.work.missed_calls.import_service import open_missed_entries

FEATURE = Feature(
    blueprint=views.missed_calls,
    pages=(views, work_views),
    exports=(list_export(resource.MISSED_CALL_ENTRY, resource.MISSED_CALL_LIST),),
    navigation=(
        Place(Group.WORK, "missed_calls.index", _l("Missed calls"), "phone-missed", Permission.MISSED_CALLS_READ, "m"),
    ),
    jobs=(jobs.lapse_claims,),
    resources=(
        resource.MISSED_CALL_ENTRY,
        resource.MISSED_CALL_ATTEMPT,
        resource.BLOCKED_NUMBER,
    ),
    retains=(retention.MISSED_CALLS,),
    works=(open_work.CLAIMS,),
    personal=privacy.PERSONAL,
    columns=privacy.COLUMNS,
    handles={CallsImported: open_missed_entries, ContactAdded: name_missed_caller},
)
