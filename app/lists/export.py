"""Downloads of lists: a file up to the counting limit, an export in the background beyond it.

The audit trail records who downloaded how many rows of which list.
"""

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask, Response, request
from flask_babel import LazyString, format_decimal
from flask_babel import lazy_gettext as _l

from app.audit.record import record_apart
from app.db.filters import Filters, audited_parameters
from app.db.paging import MAX_COUNTED
from app.declarations.exportable import ListExport, may_export_work
from app.declarations.listed import Listed
from app.declarations.registry import registry, registry_of
from app.declarations.resource import Resource
from app.errors import DomainError, FieldError, ValidationFailed
from app.lists.csv import csv_chunks, csv_file, csv_response
from app.lists.file import file_of, header_of, lines_of
from app.lists.listing import given_parameters
from app.security.actor import Actor, current_actor
from app.security.guard import guarded_like
from app.security.people import refuse_unknown_people
from app.security.permissions import Permission, Role


def init_list_files(app: Flask) -> None:
    """Serve the CSV file of each list at its page's address with .csv appended, under the same permission.

    A feature can define a view of its own for its list's file instead.
    """
    # All are looked up before the first is added, because each look-up after an added route sorts all routes again.
    files = [
        (resource, listed, list(app.url_map.iter_rules(listed.endpoint)))
        for resource in registry_of(app).listed.values()
        if (listed := resource.listed) is not None and listed.csv_endpoint not in app.view_functions
    ]
    for resource, listed, [page] in files:
        view = guarded_like(app, listed.endpoint)(csv_file(_view(resource, listed)))
        app.add_url_rule(f"{page.rule}.csv", listed.csv_endpoint, view)


def _view(resource: Resource, listed: Listed) -> Callable[[], Response]:
    def csv() -> Response:
        return _list_file(current_actor(), resource, listed)

    return csv


def _list_file(actor: Actor, resource: Resource, listed: Listed) -> Response:
    """Return the file of the list with the filters of the address.

    Raises ValidationFailed, InvalidPeriod, NotFound for an unknown person, and the error of `_too_many` for more rows
    than are counted.
    """
    filters = listed.filters.parse(given_parameters())
    refuse_unknown_people(filters, actor)
    rows = _take(actor, resource, listed, filters)
    return csv_response(listed.name, header_of(resource, actor.timezone), lines_of(resource, rows))


def list_export(resource: Resource, listed: Listed) -> ListExport:
    """Return the list as a source of exports, for users who can export operational records."""
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


def _take(actor: Actor, resource: Resource, listed: Listed, filters: Filters) -> Iterator[Any]:
    query, sort = file_of(resource, actor, filters), request.args.get("sort")
    query.sort(sort)
    count = query.count()
    if not count.exact:
        raise _too_many(actor, listed)
    taken = {"filters": audited_parameters(filters.parameters()), "count": count.number}
    record_apart(listed.exported, resource.name, metadata=taken)
    return query.stream(sort)


def _too_many(actor: Actor, listed: Listed) -> DomainError:
    """Return the error for too many rows.

    It is ValidationFailed, which suggests an export if the list has one, or Forbidden if the actor can't create that.
    """
    most = LazyString(format_decimal, MAX_COUNTED)
    export = registry().list_exports.get(listed.name)
    if export is None:
        sentence = _l("This list has more than %(most)s rows. Filter it first.", most=most)
    elif export.is_allowed(actor):
        sentence = _l(
            "This list has more than %(most)s rows. Filter it, or choose “Export all matching rows” to "
            "create the file in the background.",
            most=most,
        )
    else:
        sentence = _l(
            "This list has more than %(most)s rows. Filter it, by month for example, or ask a manager for the file.",
            most=most,
        )
        return actor.refusal(Permission.EXPORTS_CREATE, sentence, needed=Role.MANAGER)
    return ValidationFailed([FieldError("", sentence)], sentence)
