"""Calls, what was said in them and what came of them."""

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.declarations.exportable import ListExport
from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.lists.csv import csv_chunks
from app.lists.file import file_of, header_of, lines_of
from app.security.permissions import Permission
from app.work.calls import note_views, privacy, resource, retention, trash, views
from app.work.calls.bulk import ASSIGN_CSR, SET_BOOKING_STATUS, SET_OUTCOME
from app.work.calls.importing import CALLS_IMPORT
from app.work.calls.resource import CALL, CALL_LIST
from app.work.calls.rules import may_export_any_number

FEATURE = Feature(
    blueprint=views.calls,
    pages=(
        views,
        note_views,
    ),
    imports=(CALLS_IMPORT,),
    bulk=(ASSIGN_CSR, SET_OUTCOME, SET_BOOKING_STATUS),
    exports=(
        ListExport(
            kind=CALL_LIST.name,
            label=_l("Calls"),
            resource="call",
            recorded=Action.CALLS_EXPORTED,
            listed=CALL_LIST,
            rows=lambda actor, filters: file_of(CALL, actor, filters),
            write=lambda zone, rows: csv_chunks(header_of(CALL, zone), lines_of(CALL, rows)),
            is_allowed=may_export_any_number,
        ),
    ),
    navigation=(
        Place(Group.WORK, "calls.index", _l("Calls"), "phone", Permission.CALLS_READ, "c", own_label=_l("My calls")),
    ),
    resources=(
        CALL,
        resource.CALL_NOTE,
        resource.CALL_TRANSCRIPT,
        resource.CALL_ANALYSIS,
        resource.BOOKING_DISPUTE,
    ),
    deletes=(trash.CALL_NOTE_DELETION,),
    retains=(retention.CALLS,),
    personal=privacy.PERSONAL,
    columns=privacy.COLUMNS,
)
