"""The JSON API of audit log."""

from app.declarations.api import NoApi
from app.trust.audit_log.resource import AUDIT_ENTRY, OPERATION_REVERT, SKIPPED_RECORD

API = (
    NoApi(AUDIT_ENTRY, "later: part 1"),
    NoApi(OPERATION_REVERT, "later: part 2"),
    NoApi(SKIPPED_RECORD, "later: part 2"),
)
