"""A record as it was at an earlier time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, text

from app.db.ids import uuid7
from app.declarations.registry import registry_of
from app.errors import NotFound
from app.models import ContactCard, NoteKind, Organization, Role, User
from app.security.permissions import Permission
from app.trust.audit_log import moment_queries
from app.trust.audit_log.moment_queries import Moment, can_be_shown, moment_of
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.pages import text_of
from tests.support.work import at_work
from tests.trust.audit_log.reverting import Story

EDITS = 200
#: Columns that the trail does not keep.
NOT_KEPT = {"updated_at", "is_deleted"}
#: Values of a record and its parts by ID, and of each other; None for a record that does not exist.
Copy = tuple[dict[str, Any] | None, dict[UUID, dict[str, Any]]]


@pytest.fixture
def reader(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SUPPORT)


@pytest.fixture
def contact(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(organization, last_name="Greer", first_name="Dana")


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def now(connection: Connection) -> datetime:
    moment: datetime = connection.scalar(text("SELECT clock_timestamp()"))
    return moment


def copy_of(connection: Connection, contact: UUID) -> Copy:
    """Return the contact and its numbers that are not in the trash, with the values that the trail keeps."""

    def kept(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name not in NOT_KEPT}

    card = connection.scalar(text("SELECT to_jsonb(c) FROM contact_cards c WHERE id = :id"), {"id": contact})
    numbers = connection.execute(
        text("SELECT id, to_jsonb(p) FROM contact_phones p WHERE contact_card_id = :id AND deleted_at IS NULL"),
        {"id": contact},
    )
    return (kept(card) if card else None), {one: kept(values) for one, values in numbers}


def copied(moment: Moment, like: Copy) -> Copy:
    """Return the contact and the numbers that `moment` shows.

    The contact's columns that the trail recorded must have the values in `like`; the other columns are copied from it.
    """
    values = moment.state.values if moment.state else None
    card = like[0] and {name: value for name, value in like[0].items() if values is not None and name in values}
    assert card == values
    return like[0] if card is not None else None, {
        one: dict(state.values) for (_kind, one), state in moment.parts.items()
    }


ADD = """
INSERT INTO contact_phones (organization_id, id, phone, contact_card_id)
SELECT :organization, new_uuid7(), '+1512555' || lpad(CAST(:number AS text), 4, '0'), id
FROM contact_cards WHERE id = :contact AND deleted_at IS NULL
"""
RESTORE = """
UPDATE contact_phones SET deleted_at = NULL
WHERE id = {some} AND EXISTS (SELECT FROM contact_cards WHERE id = :contact AND deleted_at IS NULL)
"""
#: Statement → how often it is chosen, compared with the others.
STATEMENTS = {
    "UPDATE contact_cards SET first_name = CAST(:number AS text), version = version + 1 WHERE id = :contact": 4,
    "UPDATE contact_cards SET company_name = '', tags = ARRAY[CAST(:number AS text)] WHERE id = :contact": 4,
    "UPDATE contact_cards SET company_name = CAST(:number AS text), email = '' WHERE id = :contact": 4,
    "UPDATE contact_cards SET primary_phone = NULL, timezone = 'America/Chicago' WHERE id = :contact": 1,
    "UPDATE contact_cards SET deleted_at = now() WHERE id = :contact": 1,
    "UPDATE contact_cards SET deleted_at = NULL WHERE id = :contact": 4,
    ADD: 10,
    "UPDATE contact_phones SET phone = '+1512556' || lpad(CAST(:number AS text), 4, '0') WHERE id = {some}": 5,
    "UPDATE contact_phones SET deleted_at = now() WHERE id = {some} AND deleted_at IS NULL": 2,
    RESTORE: 4,
    "UPDATE contact_phones SET contact_card_id = :other WHERE id = {some} AND deleted_at IS NULL": 1,
    "DELETE FROM contact_phones WHERE id = {some}": 1,
}


def edit(connection: Connection, random: Random, contact: ContactCard, other: ContactCard, number: int) -> None:
    """Run a random statement that changes the contact or one of its numbers, if a row matches."""
    given = {"organization": contact.organization_id, "contact": contact.id, "other": other.id, "number": number}
    numbers = text("SELECT id FROM contact_phones WHERE contact_card_id = :contact ORDER BY id")
    ids = connection.scalars(numbers, given).all()
    [statement] = random.choices([*STATEMENTS], [*STATEMENTS.values()])
    connection.execute(text(statement.format(some=f"'{random.choice(ids)}'" if ids else "NULL")), given)


def test_every_moment_equals_a_copy_taken_then(
    app: Flask, admin_engine: Engine, make: Factories, story: Story, reader: User, contact: ContactCard
) -> None:
    other, taken = make.contact(story.organization), []
    random = Random(41)  # noqa: S311 - the same edits each time
    with changing(admin_engine) as connection:
        for number in range(EDITS):
            edit(connection, random, contact, other, number)
            taken.append((now(connection), copy_of(connection, contact.id)))

        def differences() -> list[datetime]:
            with at_work(app, story.organization.id):
                moments = [moment_of(story.actor(reader), ("contact_card", contact.id), at) for at, _copy in taken]
            return [at for (at, copy), moment in zip(taken, moments, strict=True) if copied(moment, copy) != copy]

        assert len({len(numbers) for _at, (_card, numbers) in taken}) > 3
        assert differences() == []

        connection.execute(text("DELETE FROM contact_cards WHERE id = :id"), {"id": contact.id})
        taken.append((now(connection), copy_of(connection, contact.id)))
        assert taken[-1][1] == (None, {})
        assert differences() == []


def test_secrets_and_unrecorded_columns_are_left_out(
    app: Flask, admin_engine: Engine, make: Factories, story: Story, admin: User
) -> None:
    csr = make.user(story.organization, name="Maya Torres")
    with changing(admin_engine) as connection:
        before = now(connection)
        connection.execute(
            text("UPDATE users SET password_hash = 'another', name = 'Maya Vogel', theme = 'dark' WHERE id = :id"),
            {"id": csr.id},
        )

    with at_work(app, story.organization.id):
        moment = moment_of(story.actor(admin), ("user", csr.id), before)

    assert moment.state is not None
    assert moment.state.values["name"] == "Maya Torres"
    assert not {"password_hash", "updated_at", "is_deleted"} & moment.state.values.keys()


def test_the_last_activity_is_that_of_then_or_unknown(
    app: Flask, admin_engine: Engine, make: Factories, behind: Behind, story: Story, admin: User
) -> None:
    known, unrecorded = (make.lead(story.organization, last_activity_at=DAY) for _ in range(2))
    with changing(admin_engine) as connection:
        before = now(connection)
    story.change(known, stage="qualified", last_activity_at=before + timedelta(seconds=1))
    behind.change(unrecorded, last_activity_at=before + timedelta(seconds=1))  # as it was before the trail recorded it

    with at_work(app, story.organization.id):
        states = [moment_of(story.actor(admin), ("lead", lead.id), before).state for lead in (known, unrecorded)]

    values = [state.values for state in states if state is not None]
    assert datetime.fromisoformat(values[0]["last_activity_at"]) == DAY
    assert values[1]["stage"] == "new"
    assert "last_activity_at" not in values[1]


def test_every_kind_of_record_can_be_read_back(app: Flask, story: Story, make: Factories) -> None:
    owner = story.actor(make.user(story.organization, Role.OWNER))
    with at_work(app, story.organization.id):
        kinds = [kind for kind in registry_of(app).resources if can_be_shown(owner, kind)]
        for kind in kinds:
            with pytest.raises(NotFound):
                moment_of(owner, (kind, uuid7()), DAY)

    assert len(kinds) > 30


class TestPage:
    """The panel in the audit trail of one record, which shows the record at a chosen time."""

    #: Noon at the organization is `DAY`.
    AT_HALF_PAST = "2026-03-18T{}:30"

    @pytest.fixture
    def gone(self, make: Factories, organization: Organization) -> UUID:
        """ID of a contact that was created with a number, renamed, and purged, at intervals of an hour."""
        record, number, of = uuid7(), uuid7(), organization.id
        card = {"id": str(record), "organization_id": str(of), "first_name": "Ann", "last_name": "Greer"}
        phone = {"id": str(number), "phone": "+15125550717", "contact_card_id": str(record)}
        entries: list[tuple[str, UUID, str, Any, Any, int]] = [
            ("contact_card", record, "created", None, card, 0),
            ("contact_phone", number, "created", None, phone, 0),
            ("contact_card", record, "updated", {"first_name": "Ann"}, {"first_name": "Bea"}, 1),
            ("contact_phone", number, "purged", phone, None, 2),
            ("contact_card", record, "purged", {**card, "first_name": "Bea"}, None, 2),
        ]
        for kind, one, verb, before, after, hours in entries:
            make.entry(
                organization,
                resource_type=kind,
                resource_id=one,
                action=f"{kind}.{verb}",
                before=before,
                after=after,
                created_at=DAY + timedelta(hours=hours),
            )
        return record

    def shown(self, client: Client, record: UUID, hour: str) -> str:
        page = client.get(f"/audit?resource_type=contact_card&resource_id={record}&at={self.AT_HALF_PAST.format(hour)}")
        return " ".join(text_of(page.one(".//section[@aria-labelledby='record-then']")).split())

    def test_it_shows_the_record_with_its_parts_in_the_zone_of_the_organization(
        self, client: Client, reader: User, gone: UUID
    ) -> None:
        client.sign_in(reader)

        assert "First name Ann" in self.shown(client, gone, "12")
        assert "Contact number" in self.shown(client, gone, "12")
        assert "Phone +15125550717" in self.shown(client, gone, "12")
        assert "First name Bea" in self.shown(client, gone, "13")

    def test_it_says_when_the_record_did_not_exist_and_when_the_entries_begin(
        self, client: Client, reader: User, gone: UUID
    ) -> None:
        client.sign_in(reader)

        assert "didn’t exist at that time" in self.shown(client, gone, "14")
        before = self.shown(client, gone, "11")
        assert "The first entry about this record is from" in before
        assert "Greer" not in before
        assert "didn’t exist" not in before

    def test_erased_values_are_marked(
        self, client: Client, make: Factories, organization: Organization, reader: User, gone: UUID
    ) -> None:
        erased: dict[str, Any] = {"before": None, "after": None, "redacted_at": DAY + timedelta(days=1)}
        make.entry(
            organization,
            resource_type="contact_card",
            resource_id=gone,
            action="contact_card.updated",
            created_at=DAY + timedelta(minutes=90),
            **erased,
        )

        shown = self.shown(client.sign_in(reader), gone, "12")

        # An earlier change still has it.
        assert "First name Ann" in shown
        assert "Last name Values erased" in shown

    def test_more_changes_than_the_most_are_not_taken_back(
        self, client: Client, reader: User, gone: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(moment_queries, "MAX_TAKEN_BACK", 2)
        client.sign_in(reader)

        assert "More than 2,000 entries about this record were added after that time" in self.shown(client, gone, "12")
        assert "Bea" in self.shown(client, gone, "13")

    def test_without_a_time_there_is_only_the_form(self, client: Client, reader: User, contact: ContactCard) -> None:
        client.sign_in(reader)

        page = client.get(f"/audit?resource_type=contact_card&resource_id={contact.id}")

        assert page.one(".//input[@name='at']").get("value") == ""
        assert page.all(".//section[@aria-labelledby='record-then']//dl") == []
        assert client.get("/audit").all(".//input[@name='at']") == []

    @pytest.mark.parametrize("typed", ["yesterday", "16:30", "0001-01-01T00:00", "9999-12-31T23:59"])
    def test_what_is_no_time_is_refused(self, client: Client, reader: User, contact: ContactCard, typed: str) -> None:
        page = client.sign_in(reader).get(
            f"/audit?resource_type=contact_card&resource_id={contact.id}&at={typed}", status=400
        )

        assert f"“{typed}” isn’t a time" in page.text

    def test_it_takes_the_permission_to_read_the_record(
        self, client: Client, make: Factories, organization: Organization, reader: User, gone: UUID
    ) -> None:
        csr = make.user(organization)
        make.grant(csr, Permission.AUDIT_READ)
        theirs, others = make.contact(organization, last_name="Greer"), make.contact(organization)
        make.call(organization, csr=csr, contact_card_id=theirs.id)
        task = make.task(organization)
        later = "at=2100-01-01T00:00"
        client.sign_in(csr)

        assert "Greer" in client.get(f"/audit?resource_type=contact_card&resource_id={theirs.id}&{later}").text
        for hidden in (others.id, gone):
            client.get(f"/audit?resource_type=contact_card&resource_id={hidden}&{later}", status=404)

        client.sign_in_by_form(reader)
        refused = client.get(f"/audit?resource_type=task&resource_id={task.id}&{later}", status=403)
        assert "tasks:read" in refused.text
        assert client.get(f"/audit?resource_type=task&resource_id={task.id}").all(".//input[@name='at']") == []

    def test_parts_that_the_reader_does_not_read_are_left_out(
        self, app: Flask, make: Factories, story: Story, reader: User, admin: User, contact: ContactCard
    ) -> None:
        make.task(story.organization, contact_card_id=contact.id)
        at = datetime.now(UTC) + timedelta(minutes=1)

        with at_work(app, story.organization.id):
            seen = moment_of(story.actor(reader), ("contact_card", contact.id), at).parts
            by_admin = moment_of(story.actor(admin), ("contact_card", contact.id), at).parts

        assert {kind for kind, _id in seen} == {"contact_phone"}
        assert {kind for kind, _id in by_admin} == {"contact_phone", "task"}

    def test_kinds_with_withheld_values_are_not_shown(
        self, client: Client, make: Factories, organization: Organization, reader: User
    ) -> None:
        csr = make.user(organization)
        note = make.note(make.call(organization, csr=csr), csr, kind=NoteKind.COACHING, body="Listen more")

        page = client.sign_in(reader).get(f"/audit?resource_type=call_note&resource_id={note.id}")

        assert page.all(".//input[@name='at']") == []
        refused = client.get(f"/audit?resource_type=call_note&resource_id={note.id}&at=2100-01-01T00:00", status=404)
        assert "Listen more" not in refused.text

    @pytest.mark.parametrize("kind", ["job", "organization", "nothing"])
    def test_kinds_that_have_no_past_are_not_found_at_a_time(self, client: Client, reader: User, kind: str) -> None:
        page = client.sign_in(reader).get(f"/audit?resource_type={kind}&resource_id={reader.id}")

        assert page.all(".//input[@name='at']") == []
        client.get(f"/audit?resource_type={kind}&resource_id={reader.id}&at=2100-01-01T00:00", status=404)
