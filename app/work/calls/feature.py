"""Declaration of the feature for calls, with their transcripts, analyses and outcomes."""

from flask_babel import lazy_gettext as _l

from app.declarations.events import ContactAdded
from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.lists.export import list_export
from app.security.permissions import Permission
from app.work.calls import (
    api,
    coaching_views,
    follow_up_views,
    note_views,
    outbound_views,
    part_resource,
    privacy,
    retention,
    trash,
    views,
)
from app.work.calls.bulk import ASSIGN_CSR, SET_BOOKING_STATUS, SET_OUTCOME
from app.work.calls.contact_service import name_caller
from app.work.calls.importing import CALLS_IMPORT
from app.work.calls.notices import COACHING_NOTE
from app.work.calls.panel import COACHING_PANEL, NOTE_PANEL
from app.work.calls.resource import CALL, CALL_LIST
from app.work.calls.shortcuts import SHORTCUTS

FEATURE = Feature(
    blueprint=views.calls,
    pages=(
        views,
        note_views,
        outbound_views,
        coaching_views,
        follow_up_views,
    ),
    imports=(CALLS_IMPORT,),
    bulk=(ASSIGN_CSR, SET_OUTCOME, SET_BOOKING_STATUS),
    exports=(list_export(CALL, CALL_LIST),),
    navigation=(
        Place(Group.WORK, "calls.index", _l("Calls"), "phone", Permission.CALLS_READ, "c", own_label=_l("My calls")),
    ),
    panels=(NOTE_PANEL, COACHING_PANEL),
    handles={ContactAdded: name_caller},
    shortcuts=SHORTCUTS,
    notices=(COACHING_NOTE,),
    api=api.API,
    resources=(
        CALL,
        part_resource.CALL_NOTE,
        part_resource.CALL_TRANSCRIPT,
        part_resource.CALL_ANALYSIS,
    ),
    deletes=(trash.CALL_NOTE_DELETION,),
    retains=(retention.CALLS,),
    personal=privacy.PERSONAL,
)
