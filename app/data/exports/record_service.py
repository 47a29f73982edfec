"""Requests of programs for exports of any kind."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.data.exports.schemas import NewExportInput
from app.data.exports.service import request_export
from app.db.filters import Filters
from app.declarations.api_filters import read_filters
from app.declarations.exportable import Archive, ListExport
from app.declarations.registry import registry
from app.errors import FieldError, InvalidPeriod, LazyText, ValidationFailed
from app.lists.references import refuse_unknown_references
from app.security.actor import Actor
from app.security.confirmation import require_confirmation_for

_NOT_OFFERED = _l("Choose one of the options.")
_ONLY_LISTS = _l("Only exports of lists accept this field.")
_ONLY_ARCHIVES = _l("Only the export of all data accepts this field.")


def create_export(actor: Actor, export_id: UUID, given: NewExportInput) -> object:
    """Request a file, created once this transaction is committed, and return its export.

    Raises Forbidden; ReauthenticationRequired; ValidationFailed, which names every wrong filter; NotFound if the
    filters name an unknown person.
    """
    source = registry().exports.get(given.kind)
    if isinstance(source, ListExport):
        _refuse({"audio": _ONLY_ARCHIVES} if given.audio else {})
        source.check(actor)
        filters = _filters_of(actor, source, given)
        refuse_unknown_references(filters, actor)
        return request_export(actor, export_id, given.kind, filters, given.sort)
    if source is None or source.request is None:
        raise ValidationFailed([FieldError("kind", _NOT_OFFERED)])
    return _request_archive(actor, export_id, source, given)


def _request_archive(actor: Actor, export_id: UUID, archive: Archive, given: NewExportInput) -> object:
    archive.check(actor)
    sent = {"filters": given.filters, "sort": given.sort}
    _refuse({name: _ONLY_LISTS for name, value in sent.items() if value})
    require_confirmation_for(actor, archive.permission)
    return archive.request(actor, export_id, with_audio=given.audio) if archive.request else None


def _filters_of(actor: Actor, source: ListExport, given: NewExportInput) -> Filters:
    """Return the filters. Raises ValidationFailed and InvalidPeriod, which name wrong ones as `filters.<name>`."""
    try:
        return read_filters(source.listed.filters, {name: [value] for name, value in given.filters.items()}, actor)
    except InvalidPeriod as error:
        raise InvalidPeriod(f"filters.{error.extra['where']}", error.message) from None
    except ValidationFailed as error:
        raise ValidationFailed(
            [FieldError(f"filters.{one.field}", one.message, one.code) for one in error.fields]
        ) from None


def _refuse(wrong: dict[str, LazyText]) -> None:
    if wrong:
        raise ValidationFailed([FieldError(name, sentence) for name, sentence in wrong.items()])
