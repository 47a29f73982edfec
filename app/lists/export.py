"""Lists that people take home: as a file at once up to what a list is counted to, as an export of any length beyond.

The audit trail says who took how many rows of which list.
"""

from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, request
from flask_babel import lazy_gettext as _l

from app.audit.record import record_apart
from app.db.filters import Filters, audited_parameters
from app.declarations.exportable import ListExport, may_export_work
from app.declarations.listed import Listed
from app.declarations.resource import Resource
from app.errors import DomainError, FieldError, ValidationFailed
from app.lists.csv import csv_chunks, csv_response
from app.lists.file import file_of, header_of, lines_of
from app.lists.listing import given_parameters
from app.security.actor import Actor
from app.security.people import refuse_unknown_people


def too_many_rows(_actor: Actor) -> DomainError:
    """More rows than a list is counted to are no file that a page gives at once."""
    sentence = _l("Up to 10,000 rows. Narrow the list first.")
    return ValidationFailed([FieldError("", sentence)], sentence)


def list_file(
    actor: Actor, resource: Resource, listed: Listed, too_many: Callable[[Actor], DomainError] = too_many_rows
) -> Response:
    """The file of the list as the address narrows it. Raises what `too_many` gives, ValidationFailed, and NotFound."""
    filters = listed.filters.parse(given_parameters())
    refuse_unknown_people(filters, actor)
    rows = _take(actor, resource, listed, filters, too_many)
    return csv_response(listed.name, header_of(resource, actor.timezone), lines_of(resource, rows))


def list_export(resource: Resource, listed: Listed) -> ListExport:
    """The same list as the source of exports, for those who may export daily work."""
    return ListExport(
        kind=listed.name,
        label=listed.label,
        resource=resource.name,
        recorded=listed.exported,
        listed=listed,
        rows=lambda actor, filters: file_of(resource, actor, filters),
        write=lambda zone, rows: csv_chunks(header_of(resource, zone), lines_of(resource, rows)),
        is_allowed=may_export_work,
    )


def _take(
    actor: Actor, resource: Resource, listed: Listed, filters: Filters, too_many: Callable[[Actor], DomainError]
) -> Iterator[Any]:
    query, sort = file_of(resource, actor, filters), request.args.get("sort")
    query.sort(sort)
    count = query.count()
    if not count.exact:
        raise too_many(actor)
    taken = {"filters": audited_parameters(filters.parameters()), "count": count.number}
    record_apart(listed.exported, resource.name, metadata=taken)
    return query.stream(sort)
