"""Recording of the records that someone opens while viewing as another person.

The records follow from the route: the arguments of a page, a file or a recording identify them. So no view has to
remember to record them, and the response is not sent unless that has been done. Only a list that opens one of its
records in place calls `note_opened`, because its route names none.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.audit.actions import Action
from app.audit.record import record_read
from app.db.ids import uuid7
from app.db.transaction import own_transaction
from app.declarations.registry import registry
from app.errors import DatabaseUnavailable, RateLimited
from app.models import RecordView
from app.security.actor import Actor, loaded_actor
from app.security.opened_records import list_opened

#: Endpoints of parts of a record that pages show next to its name.
_UNRECORDED = frozenset({"users.show_picture"})


def record_opened(response: Response) -> Response:
    """Record the records that `response` shows to someone who views as another person, and return it.

    Each is recorded once per viewing, under the viewer's name. Raises DatabaseUnavailable if one can't be recorded, and
    RateLimited if the viewer has opened too many within an hour.
    """
    person = loaded_actor()
    if person is None or person.viewer is None or not _shows(response):
        return response
    opened = list(_opened())
    if not opened:
        return response
    try:
        with own_transaction() as session:
            for resource_type, record_id in opened:
                _record_once(session, person, resource_type, record_id)
    except RateLimited:
        response.close()
        raise
    except SQLAlchemyError as error:
        response.close()
        raise DatabaseUnavailable(
            _l("What you opened couldn’t be recorded in the audit trail, so it isn’t shown.")
        ) from error
    return response


def resources_by_argument() -> Mapping[str, str]:
    """Return resource names by the route argument that identifies a record of the resource.

    The argument is the resource's name with `_id`, or the one that its page declares. With the prefix `other_`, it
    identifies a second record of the same kind.
    """
    resources = registry().resources.values()
    known = {f"{one.name}_id": one.name for one in resources}
    known |= {one.page[1]: one.name for one in resources if one.page is not None}
    return known | {f"other_{argument}": kind for argument, kind in known.items()}


def _shows(response: Response) -> bool:
    """Return whether a response shows what was requested.

    Successes, 304 Not Modified, and redirects to another host (the bucket that stores the file) count.
    """
    is_elsewhere = bool(urlsplit(response.location or "").netloc)
    return response.status_code < 300 or response.status_code == HTTPStatus.NOT_MODIFIED or is_elsewhere


def _opened() -> Iterator[tuple[str, UUID]]:
    """Yield type and id of every record that the requested page is about."""
    if request.method not in {"GET", "HEAD"} or request.endpoint in _UNRECORDED:
        return
    yield from list_opened()
    known = resources_by_argument()
    for argument, value in (request.view_args or {}).items():
        if argument in known and isinstance(value, UUID):
            yield known[argument], value


def _record_once(session: Session, person: Actor, resource_type: str, record_id: UUID) -> None:
    """Record a view unless it has been recorded; of two concurrent requests, the second waits for the first."""
    viewed = insert(RecordView).values(
        organization_id=person.organization_id,
        id=uuid7(),
        session_id=person.session_id,
        viewing_since=person.viewing_since,
        resource_type=resource_type,
        resource_id=record_id,
    )
    first = viewed.on_conflict_do_nothing(constraint="uq_record_views_record").returning(RecordView.id)
    if session.execute(first).first() is not None:
        record_read(Action.RECORD_VIEWED, resource_type, record_id, session=session)
