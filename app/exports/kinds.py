"""What can be exported: of each kind the list that the page shows too, and how its rows become a file.

Archives hold more than a list; the feature that asks for one makes it too, and only the file is kept here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from app.audit.actions import Action
from app.audit_log import export as audit_export
from app.audit_log.filters import AuditFilters
from app.calls import export as calls_export
from app.calls.filters import CallFilters
from app.calls.rules import may_export_any_number
from app.db.filters import Filters
from app.db.lists import ListQuery
from app.models import ExportKind
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.csv import csv_chunks

#: The text of a file, piece by piece, from the zone whose clocks it shows and the rows.
Writer: TypeAlias = Callable[[str, Iterable[Any]], Iterator[str]]

CSV = ("csv", "text/csv")
JSON_LINES = ("jsonl", "application/jsonl")


def _may_export(actor: Actor) -> bool:
    return actor.may(Permission.EXPORTS_CREATE)


@dataclass(frozen=True, slots=True)
class Source:
    """A list as the source of a file, for those with the permission `reads` who are allowed besides.

    `exported` is what the audit trail calls it when rows of `resource` are in a file; `file_type` is the ending of the
    file and its media type.
    """

    resource: str
    exported: Action
    endpoint: str
    filters: type[Filters]
    list_of: Callable[[Actor, Any], ListQuery]
    write: Writer
    reads: Permission
    is_allowed: Callable[[Actor], bool] = _may_export
    file_type: tuple[str, str] = CSV

    def read(self, query: str) -> tuple[Filters, str | None]:
        """Filters and sort of a query string; raises ValidationFailed for what the list does not know."""
        given = parse_qs(query)
        sort = given.get("sort", [None])[-1]
        return self.filters.parse(given), sort

    def check(self, actor: Actor) -> None:
        """Raise Forbidden unless `actor` may have such files."""
        actor.requires(self.reads)
        if not self.is_allowed(actor):
            raise actor.refusal(Permission.EXPORTS_CREATE)


def _csv(
    header: Callable[[str], Sequence[str]], lines: Callable[[str, Iterable[Any]], Iterator[Sequence[Any]]]
) -> Writer:
    return lambda zone, rows: csv_chunks(header(zone), lines(zone, rows))


SOURCES: Mapping[ExportKind, Source] = {
    ExportKind.CALLS: Source(
        resource="call",
        exported=Action.CALLS_EXPORTED,
        endpoint="calls.index",
        filters=CallFilters,
        list_of=calls_export.file_of_calls,
        write=_csv(calls_export.header, lambda _zone, rows: calls_export.lines(rows)),
        reads=Permission.CALLS_READ,
        is_allowed=may_export_any_number,
    ),
    ExportKind.AUDIT: Source(
        resource="audit",
        exported=Action.AUDIT_EXPORTED,
        endpoint="audit_log.index",
        filters=AuditFilters,
        list_of=audit_export.file_of_entries,
        write=_csv(audit_export.header, audit_export.lines),
        reads=Permission.AUDIT_READ,
    ),
    ExportKind.AUDIT_JSON: Source(
        resource="audit",
        exported=Action.AUDIT_EXPORTED,
        endpoint="audit_log.index",
        filters=AuditFilters,
        list_of=audit_export.file_of_entries,
        write=audit_export.lines_of_json,
        reads=Permission.AUDIT_READ,
        file_type=JSON_LINES,
    ),
}


@dataclass(frozen=True, slots=True)
class Archive:
    """A ZIP that a feature makes: who may have it, and the page that asks for it; `argument` is what that is about,
    the name of one of the filters and of the page's argument.
    """

    permission: Permission
    endpoint: str
    argument: str | None = None


ARCHIVES: Mapping[ExportKind, Archive] = {
    ExportKind.PERSON: Archive(Permission.CONTACTS_ERASE, "privacy.show", "contact_id"),
    ExportKind.ORGANIZATION: Archive(Permission.ORGANIZATION_EXPORT, "privacy.organization_export"),
}


def check_kind(kind: ExportKind, actor: Actor) -> None:
    """Raise Forbidden unless `actor` may have files of this kind."""
    if kind in ARCHIVES:
        actor.requires(ARCHIVES[kind].permission)
    else:
        SOURCES[kind].check(actor)


def origin_of(kind: ExportKind, filters: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The endpoint of the page that a file is of, and the arguments of its address."""
    if kind not in ARCHIVES:
        return SOURCES[kind].endpoint, filters
    archive = ARCHIVES[kind]
    return archive.endpoint, {archive.argument: filters[archive.argument]} if archive.argument else {}


def file_type_of(kind: ExportKind) -> tuple[str, str]:
    """The ending of its files, and their media type."""
    return ("zip", "application/zip") if kind in ARCHIVES else SOURCES[kind].file_type
