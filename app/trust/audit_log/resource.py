"""Declarations of audit trail entries, which are not records themselves, and of reverts of operations."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext

from app.declarations.field import Choice, Column, Field, FileColumn, Id, Moment, Number, Priority
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import not_entered, not_returned, returned_as
from app.models import AuditLog, OperationRevert, RevertStatus, SkippedRecord
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope
from app.trust.audit_log.filters import AuditFilters
from app.trust.audit_log.queries import SORTS, audit_list
from app.trust.audit_log.words import resource_label

_PICKERS = (
    "actor",
    "action",
    "resource_type",
    "field",
    "actor_name",
    "address",
    "request_id",
    "resource_id",
    "operation_id",
)

_REVERTS = Scope((Permission.AUDIT_READ,), own_rows.nothing)

AUDIT_LIST = Listed(
    name="audit",
    has_column_choice=False,  # a row expands to show everything
    label=_l("Audit trail"),
    endpoint="audit_log.index",
    permission=Permission.AUDIT_READ,
    filters=AuditFilters,
    query=audit_list,
    sorts=SORTS,
    pickers=_PICKERS,
    own_pickers=_PICKERS,
    shows_pickers=True,
    filter_words={
        "q": _l("Keywords"),
        "actor_name": _l("Done by (name)"),
        "resource_id": _l("Record"),
        "field": _l("Changed field"),
    },
)


AUDIT_ENTRY = Resource(
    name="audit",
    is_audited=False,  # entries about entries are not written
    model=AuditLog,
    words=Words(
        _l("audit trail"),
        _l("audit trail"),
        lambda n, count: ngettext("%(count)s entry", "%(count)s entries", n, count=count),
    ),
    icon="scroll-text",
    listed=AUDIT_LIST,
    stored=(
        returned_as("details", "metadata"),
        not_returned("It only proves that the trail is complete.", "pos", "salt", "payload_hash"),
        not_entered(
            "The audit trail records what happens, and nobody can write in it.",
            "user_id",
            "actor_label",
            "actor_role",
            "source",
            "action",
            "resource_type",
            "resource_id",
            "before",
            "after",
            "resource_label",
            "metadata",
            "ip_address",
            "user_agent",
            "request_id",
            "correlation_id",
            "operation_id",
            "pos",
            "salt",
            "payload_hash",
            "redacted_at",
        ),
    ),
    fields=(
        Field(
            "created_at",
            _l("When"),
            Moment("seconds"),
            Column(Priority.WIDE, is_whole=True),
            FileColumn(label=lambda zone: _("When (%(zone)s)", zone=zone)),
            sort="createdAt",
        ),
        Field("actor", _l("Who"), column=Column(Priority.WIDE), file=FileColumn()),
        Field("actor_role", _l("Role"), file=FileColumn()),
        Field("action", lazy_pgettext("audit trail", "Event"), column=Column(is_fixed=True), file=FileColumn()),
        Field("resource_type", _l("Record type"), file=FileColumn()),
        Field("resource_label", _l("Record name"), file=FileColumn()),
        Field("resource_id", _l("Record ID"), Id(), file=FileColumn()),
        Field("fields", _l("Changed fields"), file=FileColumn()),
        Field("before", _l("Before"), file=FileColumn()),
        Field("after", _l("After"), file=FileColumn()),
        Field("details", _l("More details"), file=FileColumn()),
        Field("address", _l("IP address"), file=FileColumn()),
        Field("device", _l("Device"), file=FileColumn()),
        Field("origin", lazy_pgettext("place", "From"), column=Column(Priority.WIDEST, is_filed=False)),
        Field("source", _l("Source"), file=FileColumn()),
        Field("action_name", _l("Action"), file=FileColumn()),
        Field("request_id", _l("Request ID"), file=FileColumn()),
        Field("operation_id", _l("Operation ID"), Id(), file=FileColumn()),
        Field("person_id", _l("Person ID"), Id(), file=FileColumn()),
        Field("id", _l("Entry ID"), Id(), file=FileColumn()),
    ),
)

OPERATION_REVERT = Resource(
    name="operation_revert",
    model=OperationRevert,
    words=Words(_l("revert of an operation"), _l("reverts of operations")),
    icon="history",
    page=("audit_log.show_revert", "operation_revert_id"),
    scope=_REVERTS,
    stored=(
        not_entered("The page shows the operation that a person reverts.", "target_id", "operation_id"),
        not_entered(
            "The job that reverts the operation records it.",
            "status",
            "records_total",
            "records_reverted",
            "records_unchanged",
            "records_skipped",
            "position",
            "failure",
            "started_at",
            "finished_at",
        ),
    ),
    fields=(
        Field("target_id", _l("Reverted operation"), Id()),
        Field("status", _l("Status"), Choice(RevertStatus), recorded=()),
        Field("records_total", _l("Records"), Number(), recorded=()),
        Field("records_reverted", _l("Reverted"), Number(), recorded=()),
        Field("records_skipped", lazy_pgettext("reverted", "Skipped"), Number(), recorded=()),
        Field("created_by", _l("By"), shows="created_by_label", recorded=()),
    ),
)

SKIPPED_RECORD = Resource(
    name="skipped_record",
    model=SkippedRecord,
    words=Words(_l("skipped record"), _l("skipped records")),
    icon="history",
    scope=_REVERTS,
    stored=(
        not_entered(
            "The job that reverts an operation records what it skips.",
            "revert_id",
            "place",
            "entry_id",
            "resource",
            "record_id",
            "reason",
        ),
    ),
    fields=(
        Field("resource", _l("Type"), column=Column(Priority.WIDE), file=FileColumn(words=resource_label), recorded=()),
        Field("name", _l("Record"), column=Column(is_fixed=True), recorded=()),
        Field("record_id", _l("ID"), Id(), file=FileColumn(), recorded=()),
        Field("reason", _l("Reason"), column=Column(), recorded=()),
    ),
    is_audited=False,
)
