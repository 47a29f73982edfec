"""What has happened, told upwards: a lower feature raises an event, and higher ones that it does not know answer it.

    raise_event(CallsImported(organization_id, import_id))

Handlers run at once, in the same transaction, in the order of the features in `app.features`.
"""

from dataclasses import dataclass
from uuid import UUID

from app.declarations.panel import Beside
from app.declarations.registry import registry
from app.models import AttemptResult, Call
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class CallsImported:
    """A file of calls is in the tables; what is new stands in `import_rows`."""

    organization_id: UUID
    import_id: UUID


@dataclass(frozen=True, slots=True)
class ContactAdded:
    """Somebody has added a contact beside the page of a record, which is about that contact then."""

    actor: Actor
    contact_id: UUID
    beside: Beside


@dataclass(frozen=True, slots=True)
class CallStarts:
    """`actor` calls somebody now. The call is not stored yet: whoever answers may say what it is made for."""

    actor: Actor
    call: Call


@dataclass(frozen=True, slots=True)
class CallEnded:
    """`actor` has said how their call went. Saying the same again tells it again."""

    actor: Actor
    call: Call
    result: AttemptResult


@dataclass(frozen=True, slots=True)
class CallResumes:
    """`actor` takes back how their call went: it will be on again, unless whoever answers refuses."""

    actor: Actor
    call: Call


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody is told: `texts` in their language, with the path that each leads to; `about_id` of one record."""

    user_id: UUID
    texts: tuple[tuple[str, str], ...]
    about_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ToldByMail:
    """People are told of something who want it by mail at once; `mail` names the one that says it, where it has its
    own."""

    people: tuple[Told, ...]
    mail: str | None = None


def raise_event(event: object) -> None:
    """Call every handler that features name for this type of event. What a handler raises ends the transaction."""
    for handle in registry().handlers.get(type(event), ()):
        handle(event)
