"""What can be deleted softly: one declaration a kind says how it is called, who may, and what goes along with it.

To add a kind: make its model SoftDeleted, declare it here after what it belongs to (what is restored comes back in this
order, and is purged in the opposite one). Its view calls `delete_from_list` (`app.trash.page`), or its service
`app.trash.service.delete` and its view `app.web.undo`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select

from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import (
    Appointment,
    CallNote,
    ContactCard,
    ContactPhone,
    Event,
    KnowledgeItem,
    Lead,
    NoteKind,
    Organization,
    PendingAction,
    PhoneNumber,
    RecordingSession,
    SoftDeleted,
    Subscription,
    Task,
    User,
)
from app.security.actor import Actor
from app.security.permissions import Permission
from app.trash import refusals
from app.trash.rules import shortened
from app.users import service as users
from app.users.access import end_access

Model: TypeAlias = Any  # a mapped class that is SoftDeleted; its columns differ


@dataclass(frozen=True, slots=True)
class Along:
    """Rows of `resource` that go into the batch: those whose `column` names the deleted row, where `where` holds."""

    resource: str
    column: str
    where: Callable[[], ColumnElement[bool]] | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record, by the name that the audit trail calls it.

    `permission` None: it only goes along with another. `is_own` decides, for those whose permission reaches their own
    rows only. `parents` are what has to be there for it to come back, by column; `renames` the column that can take
    another value where the constraint is violated. With `holds_organization` the organization is locked before the
    rows, as everybody who counts its people does. `check` refuses a deletion with the rows locked, `explain` says in
    detail why the database refused one, and `then` does what belongs to it.
    """

    resource: str
    model: Model
    label: Callable[[Any], str]
    permission: Permission | None = None
    is_own: Callable[[Any, Actor], bool] | None = None
    along: tuple[Along, ...] = ()
    parents: Mapping[str, str] = field(default_factory=dict)
    renames: Mapping[str, str] = field(default_factory=dict)
    holds_organization: bool = False
    check: Callable[[Sequence[Any], Actor], None] | None = None
    explain: Callable[[Sequence[Any]], None] | None = None
    then: Callable[[Sequence[Any]], None] | None = None

    @property
    def tenant_key(self) -> str:
        """The column that holds the organization."""
        return "id" if self.model is Organization else "organization_id"


def _of_contact(row: Lead | Appointment) -> str:
    """The name of the person whom a lead or an appointment is about."""
    found = _find(ContactCard, row.organization_id, row.contact_card_id)
    return _contact(found) if found else _("Unknown")


def _contact(card: ContactCard) -> str:
    return card.full_name or card.company_name or card.primary_phone or _("Unknown")


def _visit(visit: Appointment) -> str:
    return f"{visit.service_type}, {_of_contact(visit)}"


def _recording(recording: RecordingSession) -> str:
    """A recording is called like its visit."""
    visit = _find(Appointment, recording.organization_id, recording.appointment_id)
    return _visit(visit) if visit else _("Unknown")


def _find(model: Model, organization_id: UUID, row_id: UUID | None) -> Any:
    """The row, deleted or not, if there is one; what this transaction has read already is not asked for again."""
    if row_id is None:
        return None
    return db.session.get(model, (organization_id, row_id), execution_options={INCLUDE_DELETED: True})


def _note(note: CallNote) -> str:
    """Coaching is not for everybody who sees the trash."""
    return _("Coaching note") if note.kind == NoteKind.COACHING else note.body


def _check_people(people: Sequence[User], actor: Actor) -> None:
    users.check_deletion(people, actor)
    refusals.refuse_what_only_they_have(people)


_OF_A_CONTACT = {"contact_card_id": "contact_card"}

_DECLARED = (
    Kind(
        "organization",
        Organization,
        lambda row: row.name,
        along=(
            Along("user", "organization_id"),
            Along("knowledge_item", "organization_id"),
            Along("phone_number", "organization_id"),
            Along("subscription", "organization_id"),
        ),
    ),
    Kind(
        "user",
        User,
        lambda row: row.name,
        Permission.USERS_DELETE,
        renames={"idx_users_email_org": "email"},
        holds_organization=True,
        check=_check_people,
        then=end_access,
    ),
    Kind("knowledge_item", KnowledgeItem, lambda row: row.question, Permission.KNOWLEDGE_DELETE),
    Kind(
        "phone_number",
        PhoneNumber,
        lambda row: row.display_name or row.number,
        Permission.PHONE_NUMBERS_DELETE,
        renames={"uq_phone_numbers_number": "number"},
        check=refusals.refuse_numbers_in_use,
    ),
    Kind("subscription", Subscription, lambda row: row.plan),
    Kind(
        "contact_card",
        ContactCard,
        _contact,
        Permission.CONTACTS_DELETE,
        along=(
            Along("contact_phone", "contact_card_id"),
            Along("lead", "contact_card_id", lambda: Lead.closed_at.is_not(None)),
            Along("pending_action", "contact_card_id"),
            Along("task", "contact_card_id"),
        ),
        explain=refusals.say_what_uses_cards,
    ),
    Kind(
        "contact_phone",
        ContactPhone,
        lambda row: row.phone,
        parents=_OF_A_CONTACT,
        renames={"uq_contact_phones_phone": "phone"},
    ),
    Kind("lead", Lead, _of_contact, Permission.LEADS_DELETE, parents=_OF_A_CONTACT),
    Kind(
        "appointment",
        Appointment,
        _visit,
        Permission.APPOINTMENTS_DELETE,
        parents=_OF_A_CONTACT,
        check=refusals.refuse_recorded_visits,
    ),
    Kind(
        "recording_session",
        RecordingSession,
        _recording,
        Permission.RECORDINGS_DELETE,
        parents={"appointment_id": "appointment"},
    ),
    Kind(
        "pending_action",
        PendingAction,
        lambda row: row.raw_text,
        Permission.TASKS_DELETE,
        parents=_OF_A_CONTACT,
    ),
    Kind("task", Task, lambda row: row.title, Permission.TASKS_DELETE, parents=_OF_A_CONTACT),
    Kind("event", Event, lambda row: row.title, Permission.EVENTS_DELETE),
    Kind("call_note", CallNote, _note, Permission.CALLS_UPDATE, is_own=lambda row, actor: row.user_id == actor.user_id),
)

#: By resource, parents before their children.
KINDS: Mapping[str, Kind] = {kind.resource: kind for kind in _DECLARED}

#: What a deletion that is listed in the trash can be of.
LISTED = tuple(kind.resource for kind in _DECLARED if kind.permission is not None)


def label_of(kind: Kind, row: SoftDeleted) -> str:
    """What a person calls this row, in one line."""
    return shortened(kind.label(row))


def labels_of(kind: Kind, rows: Sequence[Any]) -> dict[UUID, str]:
    """The same for many rows, by their ids: what they belong to, and may be called after, is read at once."""
    _parents = _read_parents(kind, rows)  # held until all are named: the session forgets what nobody holds
    return {row.id: label_of(kind, row) for row in rows}


def _read_parents(kind: Kind, rows: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for column, resource in kind.parents.items():
        ids = {getattr(row, column) for row in rows} - {None}
        if not ids:
            continue
        parent = KINDS[resource]
        theirs = select(parent.model).where(
            parent.model.organization_id == rows[0].organization_id, parent.model.id.in_(ids)
        )
        read = db.session.scalars(theirs.execution_options(**{INCLUDE_DELETED: True})).all()
        found += [*read, *_read_parents(parent, read)]
    return found


def described() -> list[dict[str, Any]]:
    """The kinds as the database's function takes them."""
    return [
        {
            "resource": kind.resource,
            "table": kind.model.__tablename__,
            "tenant_key": kind.tenant_key,
            "parents": [
                {"column": column, "resource": parent, "table": KINDS[parent].model.__tablename__}
                for column, parent in kind.parents.items()
            ],
        }
        for kind in KINDS.values()
    ]


def ids_along(organization_id: UUID, kind: Kind, ids: Sequence[UUID]) -> list[tuple[Kind, list[UUID]]]:
    """What goes along with these rows, locked: the kinds with the ids of their rows that are there now."""
    found = []
    for along in kind.along:
        other = KINDS[along.resource]
        key = getattr(other.model, other.tenant_key)
        wanted = [key == organization_id, getattr(other.model, along.column).in_(ids)]
        if along.where is not None:
            wanted.append(along.where())
        rows = select(other.model.id).where(*wanted).order_by(other.model.id).with_for_update()
        found.append((other, list(db.session.scalars(rows))))
    return found
