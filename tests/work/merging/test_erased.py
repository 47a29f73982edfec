"""Erasure of a person, including notes about them and the contacts merged into theirs."""

import pytest
from flask import Flask

from app.models import ContactCard, ContactNote, Organization, Role, User
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.work.merging.test_merge import address


@pytest.fixture
def as_admin(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, Role.ADMIN))


def test_notes_and_merged_contacts_are_erased_with_the_person(
    app: Flask, as_admin: Client, make: Factories, behind: Behind, organization: Organization, csr: User
) -> None:
    kept, between, merged, somebody = (
        make.contact(organization, first_name=name) for name in ("Ruth", "Ruthie", "Rutger", "Else")
    )
    make.contact_note(kept, csr, body="Has a dog called Rex")
    make.contact_note(somebody, csr, body="Ring twice")
    for one, other in ((between, merged), (kept, between)):
        here = address(one, other)
        as_admin.post(here, as_admin.get(here).fields(here))
    erase = f"/privacy/{kept.id}/erase"
    form = as_admin.get(f"/privacy/{kept.id}").fields(erase)
    as_admin.post(erase, {**form, "reason": "Asked for by letter", "confirmation": "erase"})
    run_worker(app, schedule=(), until_idle=True)

    names = {card.id: card.first_name for card in behind.rows(ContactCard, organization_id=organization.id)}
    assert [names[one.id] for one in (kept, between, merged, somebody)] == ["Erased", "Erased", "Erased", "Else"]
    assert {note.body for note in behind.rows(ContactNote)} == {"Erased", "Ring twice"}
