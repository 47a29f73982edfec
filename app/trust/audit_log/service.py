"""Reads of the trail that are recorded in the trail itself."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask_babel import LazyString, format_decimal
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import record_apart
from app.db.filters import audited_parameters
from app.db.paging import MAX_COUNTED
from app.errors import FieldError, ValidationFailed
from app.security.actor import Actor
from app.trust.audit_log.export import file_of_entries
from app.trust.audit_log.filters import AuditFilters
from app.trust.audit_log.operation_queries import get_revert, skipped_list


def export_entries(actor: Actor, filters: AuditFilters, sort: str | None) -> Iterator[Any]:
    """Stream the entries of a list for a file, and record in the trail who exported how many of them.

    Raises ValidationFailed if there are more entries than a list counts, which need an export in the background, and
    NotFound if the filters name an unknown user.
    """
    query = file_of_entries(actor, filters)
    query.sort(sort)
    count = query.count()
    if not count.exact:
        sentence = _l(
            "This list has more than %(most)s entries. Filter it, or choose “Export” to create the file in "
            "the background.",
            most=LazyString(format_decimal, MAX_COUNTED),
        )
        raise ValidationFailed([FieldError("", sentence)], sentence)
    details = {"filters": audited_parameters(filters.parameters()), "count": count.number}
    record_apart(Action.AUDIT_EXPORTED, "audit", metadata=details)
    return query.stream(sort)


def export_skipped(actor: Actor, revert_id: UUID) -> Iterator[Any]:
    """Stream the records that a revert skipped for a file, and record in the trail who exported how many of them.

    Raises NotFound.
    """
    row = get_revert(actor, revert_id)
    record_apart(Action.LIST_EXPORTED, "operation_revert", row.id, {"count": row.records_skipped})
    return skipped_list(actor, row).stream()
