"""The database function for record names, which matches the resources' declarations and permissions."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, Text, cast, false, func, null, select
from sqlalchemy.orm import Session

from app.db.session import INCLUDE_DELETED
from app.declarations.registry import registry_of
from app.declarations.resource import Resource
from app.models import ImportMapping, Organization, Role, SoftDeleted
from app.security.scope import scoped_models
from app.trust.audit_log.name_queries import names_in
from tests.support.client import Client
from tests.support.company import make_company
from tests.support.contexts import enter
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.work import at_work
from tests.trust.audit_log.reverting import Story

#: Kinds added after the function: pages query their names separately, until a migration adds them.
NEWER: set[str] = set()
#: Values that `record_names` returns for each record.
Named = tuple[str, UUID, str | None, str]


@contextmanager
def asking(database: WorkerDatabase, organization_id: UUID) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.url("app_rw")) as connection:
        enter(connection, organization_id)
        yield connection


def names(connection: psycopg.Connection, records: Sequence[tuple[str, UUID]], told: Sequence[str]) -> set[Named]:
    kinds, ids = [kind for kind, _ in records], [record for _, record in records]
    rows = connection.execute("SELECT * FROM record_names(%s, %s::uuid[], %s)", [kinds, ids, list(told)]).fetchall()
    assert len(rows) == len(set(rows))
    return set(rows)


def named_kinds(app: Flask) -> dict[str, Resource]:
    """Return the resources whose names pages can request, including the organization itself."""
    with app.app_context():
        scoped = scoped_models()
    return {
        kind: one
        for kind, one in registry_of(app).resources.items()
        if one.model in scoped or one.model is Organization
    }


def declared(session: Session, resource: Resource) -> set[Named]:
    """Return the names and states of all rows of a resource, according to its declaration."""
    model: Any = resource.model
    name: Any = func.left(cast(resource.title(), Text), 80) if resource.title else null()
    is_trashed: Any = model.deleted_at.is_not(None) if issubclass(model, SoftDeleted) else false()
    rows = session.execute(select(model.id, name, is_trashed).execution_options(**{INCLUDE_DELETED: True}))
    return {(resource.name, row[0], row[1], "trashed" if row[2] else "there") for row in rows}


def test_it_knows_every_kind_that_pages_ask_for(app: Flask, database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_owner")) as connection:
        [(source, is_definer)] = connection.execute(
            "SELECT prosrc, prosecdef FROM pg_proc WHERE proname = 'record_names'"
        ).fetchall()

    read = set(re.findall(r"WHEN '(\w+)' THEN\s+SELECT", source))
    assert (read, named_kinds(app).keys() - read) == (named_kinds(app).keys() - NEWER, NEWER)
    unseen = re.findall(r"WHEN ('\w+'(?:, '\w+')+) THEN NULL", source)[0]
    assert set(re.findall(r"\w+", unseen)) == registry_of(app).resources.keys() - named_kinds(app).keys()
    assert is_definer is False


def test_it_names_every_row_as_its_resource_declares(
    app: Flask, database: WorkerDatabase, make: Factories, admin_engine: Engine
) -> None:
    company = make_company(make)
    organization, card = company.organization, make.contact(company.organization, first_name="Wanda", last_name="Quill")
    nameless = make.contact(organization, first_name=None, last_name=None, company_name="Quill Works")
    make.task(organization, title="T" * 120)
    make.assistant(organization)
    make.add(ImportMapping(organization_id=organization.id, kind="calls", name="Old system", mapping={}))
    for contact in (card, nameless):
        call = make.call(organization, contact_card_id=contact.id)
        make.note(call, company.people[Role.CSR])
        make.appointment(organization, contact=contact)
        make.missed_entry(organization, contact_card_id=contact.id)
    lead = make.lead(organization, contact_card_id=None, external_source="old", external_id="7")
    make.call(organization, lead_id=lead.id, caller_number="+13125550142")
    make.call(organization, lead_id=lead.id, called_number="+13125550143", direction="outbound")
    kinds = named_kinds(app)
    with app.app_context(), Session(admin_engine) as session:
        expected = set().union(*(declared(session, resource) for resource in kinds.values()))

    with asking(database, organization.id) as connection:
        # Twice, as some query plans are cached after the first time.
        found = [names(connection, [(kind, record) for kind, record, *_rest in expected], [*kinds]) for _ in range(2)]

    assert found == [expected, expected]
    titled = {kind for kind, one in kinds.items() if one.title}
    assert {kind for kind, _, name, _ in expected if name} >= titled
    assert {kind for kind, _, _, state in expected if state == "trashed"} >= {"task"}


def test_what_is_gone_is_called_as_the_trail_called_it_last(
    database: WorkerDatabase, make: Factories, organization: Organization, story: Story
) -> None:
    task, number = make.task(organization, title="Fix the flue"), uuid4()
    story.change(task, title="Fix the chimney")
    story.as_owner(f"DELETE FROM tasks WHERE id = '{task.id}'")
    make.entry(organization, resource_type="contact_phone", resource_id=number, before={"phone": "+13125550142"})

    with asking(database, organization.id) as connection:
        found = names(
            connection, [("task", task.id), ("contact_phone", number), ("task", uuid4())], ["task", "contact_phone"]
        )

    assert found == {
        ("task", task.id, "Fix the chimney", "gone"),
        ("contact_phone", number, "+13125550142", "unknown"),
    }


def test_it_tells_nothing_of_another_organization(
    database: WorkerDatabase, make: Factories, organization: Organization, story: Story
) -> None:
    other = make.organization()
    task, gone = make.task(organization, title="Fix the flue"), make.task(organization, title="Sweep the flue")
    story.as_owner(f"DELETE FROM tasks WHERE id = '{gone.id}'")
    records = [("task", task.id), ("task", gone.id), ("organization", organization.id)]

    with asking(database, other.id) as connection:
        assert names(connection, records, ["task", "organization"]) == set()
    with asking(database, organization.id) as connection:
        assert len(names(connection, records, ["task", "organization"])) == 3


def test_it_tells_nothing_of_kinds_that_are_not_told(
    database: WorkerDatabase, make: Factories, organization: Organization
) -> None:
    task = make.task(organization, title="Fix the flue")

    with asking(database, organization.id) as connection:
        assert names(connection, [("task", task.id)], ["call"]) == set()


def test_a_kind_that_is_newer_than_it_is_asked_for_apart(
    app: Flask, database: WorkerDatabase, make: Factories, organization: Organization, story: Story
) -> None:
    task, vehicle = make.task(organization, title="Fix the flue"), uuid4()
    unnamed = {
        "record_name": None,
        "record_state": "unread",
        "user_id": None,
        "person_name": None,
        "person_state": None,
    }
    row = SimpleNamespace(resource_type="task", resource_id=task.id, **unnamed)

    with asking(database, organization.id) as connection:
        assert names(connection, [("vehicle", vehicle)], ["vehicle"]) == {("vehicle", vehicle, None, "unread")}
    actor = story.actor(make.user(organization, Role.ADMIN))
    with at_work(app, organization.id):
        [(record, _person)] = names_in(actor, [row])
    assert record.name == "Fix the flue"


@pytest.mark.parametrize("role", [Role.EXEC, Role.ADMIN])
def test_a_page_names_what_the_reader_sees_only_their_own_of(
    client: Client, make: Factories, organization: Organization, role: Role
) -> None:
    reader, other = make.user(organization, role, name="Iris Vogel"), make.user(organization, name="Walter Quince")
    for person in (reader, other):
        make.entry(organization, resource_type="session", resource_id=make.session_of(person).id, resource_label=None)

    page = client.sign_in(reader).get("/audit?resource_type=session&period=custom&from=2026-03-01&to=2026-03-31")

    shown = re.findall(r"· (?:<a[^>]*>)?([^<]+)", page.html)
    assert ("Iris Vogel" in shown, "Walter Quince" in shown) == (True, role is Role.ADMIN)
