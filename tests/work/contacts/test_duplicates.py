"""Possible duplicates of a contact, suggested with a reason until a user marks them as different."""

from collections.abc import Sequence

import psycopg
import pytest
from flask import Flask

from app.models import ContactCard, Organization, Role
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.pages import text_of


@pytest.fixture
def manager(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, Role.MANAGER))


@pytest.fixture
def ruth(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(
        organization, first_name="Ruth", last_name="Delgado", email="ruth@example.com", zip="78745",
        address_line_1="1817 Alder Creek Ln",
    )  # fmt: skip


def suggested(client: Client, contact: ContactCard) -> Sequence[str]:
    page = client.get(f"/contacts/{contact.id}")
    return [text_of(one) for one in page.all(".//div[@class='banner']/p[@class='banner-text']")]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"email": "RUTH@example.com"}, "same email"),
        ({"last_name": "DELGADO", "address_line_1": "1817 alder creek ln"}, "same address and last name"),
        ({"first_name": "ruth", "last_name": "delgado", "zip": "78745"}, "same name and ZIP or postal code"),
    ],
)
def test_who_looks_the_same_is_suggested_with_why(
    manager: Client, make: Factories, organization: Organization, ruth: ContactCard, other: dict[str, str], why: str
) -> None:
    alike = make.contact(organization, **{"first_name": "Rita", "last_name": "Other", **other})
    make.contact(organization, first_name="Ruth", last_name="Delgado", zip="10001")
    make.contact(make.organization(), **{"first_name": "Rita", **other})
    make.deletion(make.contact(organization, **{"first_name": "Gone", **other}))

    assert suggested(manager, ruth) == [f"{alike.first_name} {alike.last_name} could be a duplicate: {why}."]
    assert suggested(manager, alike) == [f"Ruth Delgado could be a duplicate: {why}."]


def test_whoever_is_alike_by_more_is_suggested_first(
    manager: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    by_email = [make.contact(organization, first_name=name, last_name="Other", email=ruth.email) for name in "ABC"]
    same = {"last_name": "Delgado", "email": ruth.email, "zip": ruth.zip, "address_line_1": ruth.address_line_1}
    by_more = make.contact(organization, first_name="Ruth", **same)
    last = make.contact(organization, first_name="D", last_name="Other", email=ruth.email)

    found = [sentence.partition(" could be")[0] for sentence in suggested(manager, ruth)]

    assert found[0] == f"Ruth {by_more.last_name}"
    assert set(found[1:]) <= {f"{one.first_name} Other" for one in (*by_email, last)}


def test_nobody_is_alike_by_what_is_not_known(manager: Client, make: Factories, organization: Organization) -> None:
    unknown = {"first_name": None, "last_name": None, "email": "", "address_line_1": "", "zip": ""}
    contact, _other = make.contact(organization, **unknown), make.contact(organization, **unknown)

    assert suggested(manager, contact) == []


def test_not_the_same_is_remembered_on_both_pages(
    app: Flask, manager: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    other = make.contact(organization, email="ruth@example.com")
    page = manager.get(f"/contacts/{ruth.id}")
    form = page.fields(f"/contacts/{ruth.id}/not-the-same")

    for contact, one in ((ruth, other), (ruth, other), (other, ruth)):
        manager.post(f"/contacts/{contact.id}/not-the-same", {**form, "other": str(one.id)})

    assert suggested(manager, ruth) == suggested(manager, other) == []
    auditor = Client(app).sign_in(make.user(organization, Role.ADMIN))
    assert len(auditor.get("/audit?resource_type=contact_distinction").all(".//tbody/tr")) == 1


def test_whom_one_does_not_see_is_neither_suggested_nor_told_apart(
    client: Client, make: Factories, organization: Organization
) -> None:
    me = make.user(organization)
    mine = make.contact(organization, created_by=me.id, email="ruth@example.com")
    theirs = make.contact(organization, email="ruth@example.com")
    client.sign_in(me)

    assert suggested(client, mine) == []
    for one, other in ((mine, theirs), (theirs, mine), (mine, make.contact(make.organization()))):
        client.post(f"/contacts/{one.id}/not-the-same", {"other": str(other.id)}, status=404)


def test_one_is_not_told_apart_from_oneself_or_by_who_only_reads(
    app: Flask, manager: Client, make: Factories, organization: Organization, ruth: ContactCard
) -> None:
    manager.post(f"/contacts/{ruth.id}/not-the-same", {"other": str(ruth.id)}, status=400)
    manager.post(f"/contacts/{ruth.id}/not-the-same", {"other": "nonsense"}, status=400)
    support = Client(app).sign_in(make.user(organization, Role.SUPPORT))
    support.post(f"/contacts/{ruth.id}/not-the-same", {"other": str(ruth.id)}, status=403)


def test_the_look_for_them_needs_an_organization(database: WorkerDatabase, ruth: ContactCard) -> None:
    with (
        psycopg.connect(database.url("app_rw")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="no organization"),
    ):
        connection.execute("SELECT contacts_alike(%s, 10)", [ruth.id])
