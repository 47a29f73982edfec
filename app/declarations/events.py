"""Events: a lower feature raises one, and higher features, which it does not know, handle it.

    raise_event(CallsImported(organization_id, import_id))

Handlers run synchronously, in the same transaction, in the order of the features in `app.features`.
"""

from dataclasses import dataclass
from uuid import UUID

from app.declarations.panel import PanelSubject
from app.declarations.registry import registry
from app.models import AttemptResult, Call
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class CallsImported:
    """A file of calls has been imported; the new rows are listed in `import_rows`."""

    organization_id: UUID
    import_id: UUID


@dataclass(frozen=True, slots=True)
class ContactAdded:
    """A contact was added from a panel on the page of a record, which now belongs to that contact."""

    actor: Actor
    contact_id: UUID
    beside: PanelSubject


@dataclass(frozen=True, slots=True)
class CallStarts:
    """`actor` starts a call, which is not stored yet; handlers can set what it is for."""

    actor: Actor
    call: Call


@dataclass(frozen=True, slots=True)
class CallEnded:
    """`actor` has recorded the result of their call; recording it again raises the event again."""

    actor: Actor
    call: Call
    result: AttemptResult


@dataclass(frozen=True, slots=True)
class CallResumes:
    """`actor` revokes the result of their call, which becomes active again unless a handler refuses."""

    actor: Actor
    call: Call


@dataclass(frozen=True, slots=True)
class Notified:
    """Notification of a person: `texts` in their language with their paths; `about_id` is the record's id."""

    user_id: UUID
    texts: tuple[tuple[str, str], ...]
    about_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ToldByMail:
    """People are notified who want a mail immediately; `mail` is the kind of mail, if it has its own."""

    people: tuple[Notified, ...]
    mail: str | None = None


def raise_event(event: object) -> None:
    """Call every handler that features register for this type of event.

    An exception in a handler aborts the transaction.
    """
    for handle in registry().handlers.get(type(event), ()):
        handle(event)
