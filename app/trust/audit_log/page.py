"""Display data for the entries of the trail: sentences, names and links."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from babel import Locale
from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app.audit.actions import Action
from app.audit.occurred_rules import IN_METADATA
from app.caches import memoize
from app.lists.listing import address
from app.models import Role
from app.periods import PeriodName
from app.security.actor import Actor
from app.security.permissions import Permission, role_label
from app.trust.audit_log.detail_queries import VISIT, Detail, SupportVisit
from app.trust.audit_log.field_kinds import FieldKind
from app.trust.audit_log.name_queries import (
    UNKNOWN_RECORD,
    Named,
    Reference,
    named_kinds,
    named_then,
    names_in,
    then_named,
)
from app.trust.audit_log.origin_queries import IMPORT, Origin, find_origin
from app.trust.audit_log.resource import AUDIT_ENTRY
from app.trust.audit_log.revert_rules import changed_fields
from app.trust.audit_log.value_page import Change, Value, changes_between, source_label, value_of
from app.trust.audit_log.words import TOLD_OF_REFUSALS, entry_sentence, field_label, fields_named, resource_label

#: Number of changed fields that a row names.
FIELDS_NAMED = 4
_MAX_WORDS = 5_000
_PLAIN = FieldKind()
#: Metadata values that are times.
_DETAIL_KINDS: Mapping[str, FieldKind] = {IN_METADATA: FieldKind(is_moment=True)}


class Line(NamedTuple):
    """An entry as a row of the list; its values are also the key of the cached rendering.

    `person` is the acting user, for a link, or None if no user acted. `fields` are the first changed fields, and
    `more_fields` is the number of the others.
    """

    id: UUID
    created_at: datetime
    actor_label: str
    person: Named | None
    sentence: str
    record: Named
    is_redacted: bool
    fields: tuple[str, ...]
    more_fields: int
    source: str
    ip_address: str | None


@dataclass(frozen=True, slots=True)
class Other:
    """An entry of the same operation as the entry of the page."""

    id: UUID
    sentence: str
    record: Named


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Display data of the page of one entry.

    It holds the entry's row in the list, the kind of its record, the changes, the entry's metadata (`details`), the
    entries of its operation, further `facts` as terms and values, and links to related entries as labels and URLs.
    """

    detail: Detail
    line: Line
    kind: str
    changes: Sequence[Change]
    details: Sequence[tuple[str, Value]]
    operation: Sequence[Other]
    facts: Sequence[tuple[str, str]]
    links: Sequence[tuple[str, str]]


def lines_of(actor: Actor, rows: Sequence[Any]) -> Sequence[Line]:
    """Return the rows of a page of `audit_list` with names."""
    told, locale = named_kinds(actor), get_locale()
    return [
        _line(row, tuple(row.fields or ()), person if row.user_id else None, then_named(row, record, told), locale)
        for row, (record, person) in zip(rows, names_in(actor, rows), strict=True)
    ]


def entry_page(actor: Actor, detail: Detail) -> EntryPage:
    """Return the display data for the page of one entry."""
    entry = detail.entry
    changed, told = tuple(changed_fields(entry.before, entry.after)), named_kinds(actor)
    return EntryPage(
        detail=detail,
        line=_line(entry, changed, _person(entry, detail.names), named_then(entry, detail.names, told), get_locale()),
        kind=resource_label(entry.resource_type),
        changes=changes_between(entry.resource_type, detail.before, detail.after, detail.names),
        details=[
            (field_label(name), value_of(value, _DETAIL_KINDS.get(name, _PLAIN)))
            for name, value in sorted(entry.details.items())
            if name != VISIT
        ],
        operation=[_other(row, detail.names, told) for row in detail.others],
        facts=list(_facts(detail)),
        links=[*_links(actor, detail), *_import_links(detail.origin)],
    )


def _person(entry: Any, names: Mapping[Reference, Named]) -> Named | None:
    return names.get(("user", entry.user_id), UNKNOWN_RECORD) if entry.user_id else None


def _line(row: Any, changed: tuple[str, ...], person: Named | None, record: Named, locale: Locale) -> Line:
    is_refusal = row.action == Action.PERMISSION_REFUSED
    refusal = tuple([(name, row.details.get(name)) for name in TOLD_OF_REFUSALS]) if is_refusal else ()
    sentence, fields, source = _words_of(locale, row.action, refusal, changed, row.source)
    return Line(
        id=row.id,
        created_at=row.created_at,
        actor_label=row.actor_label,
        person=person,
        sentence=sentence,
        record=record,
        is_redacted=row.redacted_at is not None,
        fields=fields[:FIELDS_NAMED],
        more_fields=max(len(fields) - FIELDS_NAMED, 0),
        source=source,
        ip_address=str(row.ip_address) if row.ip_address else None,
    )


@memoize(_MAX_WORDS)
def _words_of(
    _locale: Locale, action: str, details: tuple[tuple[str, Any], ...], changed: tuple[str, ...], source: str
) -> tuple[str, tuple[str, ...], str]:
    """Return the sentence of an entry, the labels of its fields, and the label of its source."""
    return entry_sentence(action, dict(details)), fields_named(changed), source_label(source)


def _other(row: Any, names: Mapping[Reference, Named], told: Collection[str]) -> Other:
    return Other(row.id, entry_sentence(row.action, row.details), named_then(row, names, told))


def _facts(detail: Detail) -> Iterator[tuple[str, str]]:
    entry = detail.entry
    role = str(role_label(Role(entry.actor_role))) if entry.actor_role in list(Role) else entry.actor_role
    labels = AUDIT_ENTRY.labels
    known = (
        (labels["actor"], f"{entry.actor_label} ({role})" if role else entry.actor_label),
        (_("Support visit"), _visit(detail.visit)),
        (labels["source"], source_label(entry.source)),
        (labels["address"], entry.ip_address),
        (labels["device"], entry.user_agent),
        (labels["resource_id"], entry.resource_id),
        (labels["request_id"], entry.request_id),
        (_("Original request ID"), entry.correlation_id if entry.correlation_id != entry.request_id else None),
        (labels["operation_id"], entry.operation_id),
        (labels["action_name"], entry.action),
        (_("Seal"), _seal(detail)),
    )
    return ((str(term), str(value)) for term, value in known if value)


def _seal(detail: Detail) -> str:
    return str(_("Sealed") if detail.is_sealed else _("Not sealed yet"))


def _visit(visit: SupportVisit | None) -> str | None:
    if visit is None:
        return None
    if not visit.is_derived:
        return visit.reason
    return str(_("%(reason)s (matched by person and time)", reason=visit.reason))


def _links(actor: Actor, detail: Detail) -> Iterator[tuple[str, str]]:
    entry, visit = detail.entry, detail.visit

    def filtered(words: str, **filters: Any) -> tuple[str, str]:
        return words, address("audit_log.index", filters)

    day = entry.created_at.astimezone(ZoneInfo(actor.timezone)).date()
    if entry.resource_id:
        about = {"resource_type": entry.resource_type, "resource_id": entry.resource_id}
        yield filtered(_("All entries about this record"), **about)
    if entry.user_id:
        on_that_day = {"period": PeriodName.CUSTOM.value, "from": day, "to": day}
        yield filtered(_("All entries by this person that day"), actor=entry.user_id, **on_that_day)
    if visit and visit.id:
        yield filtered(_("All entries from this support visit"), q=visit.id)
    if visit and visit.began:
        yield _("Start of this support visit"), url_for("audit_log.show", audit_log_id=visit.began)
    if entry.request_id:
        yield filtered(_("All entries from this request"), request_id=entry.request_id)
    if entry.ip_address:
        yield filtered(_("All entries from this IP address"), address=entry.ip_address)


def _import_links(origin: Origin | None) -> Iterator[tuple[str, str]]:
    """Yield links to everything that an import and its undo did, and to its page for those who can open it."""
    if origin is None:
        return
    yield _("Everything this import did"), address("audit_log.index", {"operation_id": origin.operation_id})
    if origin.undone_by is not None:
        yield _("Everything the undo did"), address("audit_log.index", {"operation_id": origin.undone_by})
    if origin.can_open:
        yield _("Open import"), url_for("imports.show", import_id=origin.record_id)


def revert_link(actor: Actor, operation_id: UUID | None) -> tuple[str, str] | None:
    """Return the link to the page for reverting an operation, or to the import or bulk change that it is.

    None if `actor` can't revert the operation or can't open that page.
    """
    origin = find_origin(actor, operation_id) if operation_id else None
    if operation_id is None or origin is not None or not actor.may(Permission.AUDIT_REVERT):
        return undo_link(origin)
    return _("Revert the whole operation…"), url_for("audit_log.confirm_revert_operation", operation_id=operation_id)


def undo_link(origin: Origin | None) -> tuple[str, str] | None:
    """Return the link to the page of an import or bulk change, where it can be undone.

    None without an origin, and if the reader can't open its page.
    """
    if origin is None or not origin.can_open:
        return None
    if origin.resource == IMPORT:
        words = _("Open import") if origin.is_undone else _("Undo import…")
        return words, url_for("imports.show", import_id=origin.record_id)
    words = _("Open bulk change") if origin.is_undone else _("Undo bulk change…")
    return words, url_for("bulk.show", bulk_operation_id=origin.record_id)
