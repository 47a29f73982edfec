"""Events: a lower feature raises one, and higher features, which it does not know, handle it.

    raise_event(CallsChanged(organization_id, call_ids))

Handlers run synchronously, in the same transaction, in the order of the features in `app.features`.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select

from app.declarations.panel import PanelSubject
from app.declarations.registry import registry
from app.errors import LazyText
from app.models import AttemptResult, Call
from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class CallsChanged:
    """The creation of calls by an import, or the creation or change of a call by an event of a provider.

    `call_ids` selects the IDs of the calls.
    """

    organization_id: UUID
    call_ids: Select[UUID]


@dataclass(frozen=True, slots=True)
class ContactAdded:
    """The addition of a contact from a panel on the page of a record, which now belongs to that contact."""

    actor: Actor
    contact_id: UUID
    beside: PanelSubject


@dataclass(frozen=True, slots=True)
class CallStarts:
    """The start of a call by `actor`, before it is stored; handlers can set what the call is for."""

    actor: Actor
    call: Call


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The recording of a call's result by `actor`; recording it again raises the event again."""

    actor: Actor
    call: Call
    result: AttemptResult


@dataclass(frozen=True, slots=True)
class CallResumes:
    """The withdrawal of a call's result by `actor`; the call resumes unless a handler refuses."""

    actor: Actor
    call: Call


@dataclass(frozen=True, slots=True)
class Notified:
    """A person who is notified, with `texts` in their language, each with its path.

    `about_id` is the id of the record that the notification is about.
    """

    user_id: UUID
    texts: tuple[tuple[str, str], ...]
    about_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NotifiedByMail:
    """A notification of people who want an immediate email.

    `mail` is the kind of email, if the notification has its own.
    """

    people: tuple[Notified, ...]
    mail: str | None = None


@dataclass(frozen=True, slots=True)
class OwnerAdded:
    """A person who has become an owner of an organization that already had one."""

    user_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class PermissionGranted:
    """The grant of an extra permission to a person, or an extension of its expiry."""

    user_id: UUID
    name: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class FileExported:
    """An exported file of `rows` rows, requested by the person named; `label` names the list.

    The audit trail records it for the record of `resource_type` and `resource_id`. `is_everything` is set for a file
    with all data of the organization.
    """

    resource_type: str
    resource_id: UUID
    requested_by: str
    label: LazyText
    rows: int
    is_everything: bool


def raise_event(event: object) -> None:
    """Call every handler that features register for this type of event.

    An exception in a handler aborts the transaction.
    """
    for handle in registry().handlers.get(type(event), ()):
        handle(event)
