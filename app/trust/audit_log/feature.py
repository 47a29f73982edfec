"""Declaration of the audit trail feature: search, verification and reverting."""

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.declarations.exportable import JSON_LINES, ListExport
from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.lists.csv import csv_chunks
from app.security.permissions import Permission
from app.trust.audit_log import api, chain_views, export, jobs, operation_views, revert_views, views
from app.trust.audit_log.notices import REVERT_FINISHED
from app.trust.audit_log.resource import AUDIT_ENTRY, AUDIT_LIST, OPERATION_REVERT, SKIPPED_RECORD

FEATURE = Feature(
    blueprint=views.audit_log,
    pages=(
        views,
        chain_views,
        revert_views,
        operation_views,
    ),
    exports=(
        ListExport(
            kind=export.CSV_FILE,
            label=_l("Audit trail"),
            resource="audit",
            recorded=Action.AUDIT_EXPORTED,
            listed=AUDIT_LIST,
            rows=export.file_of_entries,
            write=lambda zone, rows: csv_chunks(export.header(zone), export.lines(zone, rows)),
        ),
        ListExport(
            kind=export.LINES_OF_JSON,
            label=_l("Audit trail (JSON Lines)"),
            resource="audit",
            recorded=Action.AUDIT_EXPORTED,
            listed=AUDIT_LIST,
            rows=export.file_of_entries,
            write=export.lines_of_json,
            file_type=JSON_LINES,
        ),
    ),
    navigation=(Place(Group.RECORDS, "audit_log.index", _l("Audit trail"), "scroll-text", Permission.AUDIT_READ, "x"),),
    jobs=(
        jobs.seal_audit,
        jobs.record_list_reads,
        jobs.record_refused_requests,
        jobs.verify_audit,
        jobs.revert_records,
    ),
    notices=(REVERT_FINISHED,),
    api=api.API,
    resources=(AUDIT_ENTRY, OPERATION_REVERT, SKIPPED_RECORD),
)
