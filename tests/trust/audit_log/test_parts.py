"""The audit trail of one record, with the entries of its parts and without mere version changes."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.orm import Session

from app.db.ids import uuid7
from app.models import AuditLog, ContactCard, ContactPhone, Organization, Role, User
from app.trust.audit_log import part_queries
from tests.support.client import Client
from tests.support.factories import Factories
from tests.trust.audit_log.entries import entries_on, link_on

NUMBERS = ("+15125550201", "+15125550202")


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def reader(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SUPPORT)


@pytest.fixture
def contact(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(organization)


def number_of(make: Factories, contact: ContactCard, number: str) -> ContactPhone:
    """Add another number to a contact."""
    of = {"organization_id": contact.organization_id, "contact_card_id": contact.id}
    return make.add(ContactPhone(phone=number, **of))


def entries_about(engine: Engine, *ids: UUID) -> list[UUID]:
    """Return the IDs of all entries about these rows, newest first."""
    with Session(engine) as session:
        found = select(AuditLog.id).where(AuditLog.resource_id.in_(ids))
        return list(session.scalars(found.order_by(AuditLog.created_at.desc(), AuditLog.id.desc())))


def trail_of(record: ContactCard) -> str:
    return f"/audit?resource_type=contact_card&resource_id={record.id}"


def erase(admin_engine: Engine, entries: Sequence[UUID]) -> None:
    """Erase the values of entries, as the erasure of a person does."""
    with admin_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("UPDATE audit_logs SET before = NULL, after = NULL, redacted_at = now() WHERE id = ANY (:ids)"),
            {"ids": entries},
        )


def test_the_list_of_a_contact_has_the_entries_of_its_numbers(
    client: Client,
    make: Factories,
    admin_engine: Engine,
    organization: Organization,
    reader: User,
    contact: ContactCard,
) -> None:
    phones = [number_of(make, contact, number) for number in NUMBERS]
    make.deletion(phones[1])
    make.contact_note(contact, reader)
    number_of(make, make.contact(organization), "+15125550999")
    client.sign_in(reader)

    page = client.get(trail_of(contact))

    own = entries_about(admin_engine, contact.id)
    parts = entries_about(admin_engine, *(phone.id for phone in phones))
    assert len(parts) == 3
    shown = entries_on(page)
    assert {*own, *parts} < {*shown}
    # And those of the first number, and of the note.
    assert len(shown) == len(own) + len(parts) + 2
    assert shown == entries_on(client.get(f"{trail_of(contact)}&sort=createdAt"))[::-1]


def test_a_part_alone_has_only_its_own_entries(
    client: Client, make: Factories, admin_engine: Engine, reader: User, contact: ContactCard
) -> None:
    phone = number_of(make, contact, NUMBERS[0])

    page = client.sign_in(reader).get(f"/audit?resource_type=contact_phone&resource_id={phone.id}")

    assert entries_on(page) == entries_about(admin_engine, phone.id)


def test_parts_that_no_longer_exist_are_included(
    client: Client,
    make: Factories,
    admin_engine: Engine,
    organization: Organization,
    reader: User,
    contact: ContactCard,
) -> None:
    phone = number_of(make, contact, NUMBERS[0])
    other = make.contact(organization)
    with Session(admin_engine) as session, session.begin():
        session.execute(delete(ContactPhone).where(ContactPhone.id == phone.id))
    client.sign_in(reader)

    assert set(entries_about(admin_engine, phone.id)) < set(entries_on(client.get(trail_of(contact))))

    with Session(admin_engine) as session, session.begin():
        session.execute(delete(ContactCard).where(ContactCard.id.in_([contact.id, other.id])))
    page = client.get(trail_of(contact))

    purged = [entry for entry in entries_on(page) if entry in entries_about(admin_engine, phone.id)]
    assert len(purged) == 2
    # Two entries of the contact and each of its numbers: made and purged. None of the other contact.
    assert len(entries_on(page)) == 6


def test_erased_parts_are_found_by_their_operation(
    client: Client, make: Factories, admin_engine: Engine, reader: User, contact: ContactCard
) -> None:
    phone = number_of(make, contact, NUMBERS[0])
    with Session(admin_engine) as session, session.begin():
        session.execute(delete(ContactPhone).where(ContactPhone.id == phone.id))
        session.execute(update(ContactCard).where(ContactCard.id == contact.id).values(first_name="Erased"))
    erased = entries_about(admin_engine, phone.id, contact.id)
    erase(admin_engine, erased)

    page = client.sign_in(reader).get(trail_of(contact))

    assert set(erased) <= set(entries_on(page))


def test_erased_parts_of_another_record_in_the_same_operation_are_not_included(
    client: Client,
    make: Factories,
    admin_engine: Engine,
    organization: Organization,
    reader: User,
    contact: ContactCard,
) -> None:
    other = make.contact(organization)
    phone = number_of(make, other, NUMBERS[0])
    with Session(admin_engine) as session, session.begin():
        session.execute(delete(ContactPhone).where(ContactPhone.id == phone.id))
        for one in (contact, other):
            session.execute(update(ContactCard).where(ContactCard.id == one.id).values(first_name="Erased"))
    of_others = entries_about(admin_engine, phone.id, other.id)
    erased = [*of_others, *entries_about(admin_engine, contact.id)]
    erase(admin_engine, erased)

    page = client.sign_in(reader).get(trail_of(contact))

    assert not set(of_others) & set(entries_on(page))


def test_no_more_parts_than_the_most_are_included(
    client: Client,
    make: Factories,
    admin_engine: Engine,
    reader: User,
    contact: ContactCard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    phones = [number_of(make, contact, number) for number in NUMBERS]
    monkeypatch.setattr(part_queries, "MAX_PARTS", 1)

    page = client.sign_in(reader).get(trail_of(contact))

    assert entries_on(page) == entries_about(admin_engine, phones[1].id, contact.id)


class TestVersionOnly:
    """Entries that only raise a version."""

    RAISED: ClassVar[dict[str, Any]] = {
        "before": {"version": 1},
        "after": {"version": 2},
        "action": "contact_card.updated",
    }

    def test_they_are_folded_into_their_operation(
        self, client: Client, make: Factories, organization: Organization, reader: User, contact: ContactCard
    ) -> None:
        phone = number_of(make, contact, NUMBERS[0])
        of: dict[str, Any] = {"resource_type": "contact_card", "resource_id": contact.id}
        operation, alone = uuid7(), uuid7()
        of_part = make.entry(
            organization,
            resource_type="contact_phone",
            action="contact_phone.updated",
            resource_id=phone.id,
            operation_id=operation,
        )
        folded = make.entry(organization, **of, **self.RAISED, operation_id=operation)
        first = make.entry(organization, **of, **self.RAISED, operation_id=alone)
        second = make.entry(organization, **of, **self.RAISED, operation_id=alone)
        named = make.entry(
            organization, **of, **{**self.RAISED, "action": "contact_card.merged"}, operation_id=operation
        )
        client.sign_in(reader)

        shown = entries_on(client.get(trail_of(contact)))

        assert {of_part.id, first.id, named.id} < {*shown}
        assert not {folded.id, second.id} & {*shown}
        # Everywhere else, they are listed.
        assert folded.id in entries_on(client.get(f"/audit?operation_id={operation}"))
        assert folded.id in entries_on(client.get("/audit?resource_type=contact_card"))

    def test_filters_do_not_bring_them_back(
        self, client: Client, make: Factories, organization: Organization, reader: User, contact: ContactCard
    ) -> None:
        of: dict[str, Any] = {"resource_type": "contact_card", "resource_id": contact.id}
        shown = make.entry(organization, **of, action="contact_card.updated")
        make.entry(organization, **of, **self.RAISED, operation_id=shown.operation_id)

        page = client.sign_in(reader).get(f"{trail_of(contact)}&action=contact_card.updated")

        assert entries_on(page) == [shown.id]

    def test_count_file_and_pages_agree(
        self, client: Client, make: Factories, organization: Organization, reader: User, contact: ContactCard
    ) -> None:
        phone = number_of(make, contact, NUMBERS[0])
        number = len(entries_on(client.sign_in(reader).get(trail_of(contact))))
        for _number in range(60):
            entry = make.entry(organization, resource_type="contact_phone", resource_id=phone.id)
            make.entry(
                organization,
                resource_type="contact_card",
                resource_id=contact.id,
                operation_id=entry.operation_id,
                **self.RAISED,
            )

        page = client.get(trail_of(contact))
        older = client.get(link_on(page, "Older"))
        newer = client.get(link_on(older, "Newer"))

        assert f"{60 + number} entries" in page.text
        assert f"{60 + number} entries" in client.get(f"{trail_of(contact)}&count=exact").text
        assert len({*entries_on(page), *entries_on(older)}) == 60 + number
        assert entries_on(newer) == entries_on(page)
        file = client.get(trail_of(contact).replace("/audit", "/audit.csv")).response.get_data(as_text=True)
        assert len(file.splitlines()) == 61 + number


def test_words_search_the_parts_too(
    client: Client, make: Factories, organization: Organization, reader: User, contact: ContactCard
) -> None:
    phone = number_of(make, contact, NUMBERS[0])
    wanted = make.entry(organization, resource_type="contact_phone", resource_id=phone.id, after={"note": "furnace"})
    make.entry(organization, after={"note": "furnace"})

    page = client.sign_in(reader).get(f"{trail_of(contact)}&q=furnace")

    assert entries_on(page) == [wanted.id]
