"""Records opened while viewing as another person: each is recorded once per viewing, or not shown."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.audit import record
from app.models import Call, Organization, Role, User
from app.people.impersonation.guard import is_closed
from app.people.impersonation.record_view_service import resources_by_argument
from app.security.guard import access_of, is_static
from app.security.identity import SESSION_COOKIE
from tests.people.impersonation.conftest import Looking
from tests.support.client import Client
from tests.support.factories import Factories

#: Arguments of pages that show no record of the organization's work, each with the reason.
NO_RECORDS = {
    "audit_log_id": "an entry of the trail; its readers don't write entries about entries",
    "operation_id": "several entries of the trail",
    "note_id": "part of the call that the address names too",
}


@pytest.fixture
def call(make: Factories, organization: Organization, csr: User) -> Call:
    """A call of the person whose pages are viewed, with a contact."""
    contact = make.contact(organization, first_name="Vera", last_name="Caller")
    return make.call(organization, csr=csr, contact_card_id=contact.id)


@pytest.fixture
def looking(client: Client, admin: User, csr: User, look: Looking) -> Client:
    """The admin's browser, which views as the CSR."""
    client.sign_in(admin)
    look(client, csr)
    return client


@pytest.fixture
def viewed(trail: Callable[..., list[Any]]) -> Callable[[], list[tuple[str, UUID]]]:
    """Function that returns the type and ID of each record that was recorded as viewed."""
    return lambda: [(one.resource_type, one.resource_id) for one in trail("record.viewed")]


@contextmanager
def unwritable(by_hand: Callable[..., None]) -> Iterator[None]:
    """Make the database refuse to store views within the block."""
    by_hand("REVOKE INSERT ON record_views FROM app_rw")
    try:
        yield
    finally:
        by_hand("GRANT INSERT ON record_views TO app_rw")


def test_no_more_is_shown_than_may_be_recorded_in_an_hour(
    monkeypatch: pytest.MonkeyPatch, looking: Client, call: Call, viewed: Callable[[], list[tuple[str, UUID]]]
) -> None:
    monkeypatch.setattr(record, "READS_AN_HOUR", 1)
    looking.get(f"/calls/{call.id}")

    page = looking.get(f"/contacts/{call.contact_card_id}", status=429)

    assert "Vera Caller" not in page.text
    assert viewed() == [("call", call.id)]


def test_an_opened_record_is_recorded_under_the_viewers_name(
    looking: Client, admin: User, csr: User, call: Call, trail: Callable[..., list[Any]]
) -> None:
    looking.get(f"/calls/{call.id}")

    (entry,) = trail("record.viewed")
    assert (entry.resource_type, entry.resource_id) == ("call", call.id)
    assert (entry.user_id, entry.actor_label, entry.actor_role) == (admin.id, "Ada Admin", "admin")
    assert entry.details == {"viewing_as": str(csr.id)}


def test_a_record_is_recorded_once_per_viewing(
    looking: Client, csr: User, call: Call, look: Looking, viewed: Callable[[], list[tuple[str, UUID]]]
) -> None:
    looking.get(f"/calls/{call.id}")
    looking.get(f"/calls/{call.id}")
    looking.swap(f"/calls/{call.id}")
    assert viewed() == [("call", call.id)]

    looking.post("/view-as/end")
    looking.get(f"/users/{csr.id}")
    look(looking, csr)
    looking.get(f"/calls/{call.id}")

    assert viewed() == [("call", call.id)] * 2


def test_the_next_person_is_another_viewing(
    looking: Client,
    make: Factories,
    organization: Organization,
    call: Call,
    look: Looking,
    viewed: Callable[[], list[tuple[str, UUID]]],
) -> None:
    looking.get(f"/calls/{call.id}")

    look(looking, make.user(organization, Role.MANAGER))
    looking.get(f"/calls/{call.id}")

    assert viewed() == [("call", call.id)] * 2


def test_a_record_opened_in_a_list_is_recorded(
    looking: Client, make: Factories, organization: Organization, viewed: Callable[[], list[tuple[str, UUID]]]
) -> None:
    entry = make.missed_entry(organization)

    looking.get("/missed-calls")
    assert viewed() == []
    looking.get(f"/missed-calls?open={entry.id}")

    assert viewed() == [("missed_call_entry", entry.id)]


def test_both_contacts_of_a_merge_are_recorded(
    client: Client,
    admin: User,
    make: Factories,
    organization: Organization,
    look: Looking,
    viewed: Callable[[], list[tuple[str, UUID]]],
) -> None:
    one, other = make.contact(organization), make.contact(organization)
    client.sign_in(admin)
    look(client, make.user(organization, Role.MANAGER))

    client.get(f"/contacts/{one.id}/merge/{other.id}")

    assert sorted(viewed()) == sorted([("contact_card", one.id), ("contact_card", other.id)])


def test_a_recording_is_recorded_like_a_page(
    looking: Client,
    call: Call,
    stored_sound: Callable[[Organization], str],
    organization: Organization,
    by_hand: Callable[..., None],
    viewed: Callable[[], list[tuple[str, UUID]]],
) -> None:
    by_hand("UPDATE calls SET audio_url = :key WHERE id = :id", key=stored_sound(organization), id=call.id)

    looking.get(f"/calls/{call.id}/audio", buffered=True, status=206, headers={"Range": "bytes=0-1"})

    assert viewed() == [("call", call.id)]


def test_lists_pictures_and_pages_not_found_open_no_record(
    looking: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    call: Call,
    viewed: Callable[[], list[tuple[str, UUID]]],
) -> None:
    others = make.call(organization, csr=make.user(organization))

    looking.get("/calls")
    looking.get(f"/calls/{others.id}", status=404)
    looking.get(f"/users/{csr.id}/picture.webp", status=404)
    looking.post(f"/calls/{call.id}/notes", {"body": "Not mine"}, status=403)

    assert viewed() == []


def test_under_ones_own_name_nothing_is_recorded(
    client: Client, admin: User, call: Call, viewed: Callable[[], list[tuple[str, UUID]]]
) -> None:
    client.sign_in(admin).get(f"/calls/{call.id}")

    assert viewed() == []


@pytest.mark.parametrize("path", ["", "/audio"])
def test_what_cannot_be_recorded_is_not_shown(
    looking: Client,
    call: Call,
    path: str,
    organization: Organization,
    stored_sound: Callable[[Organization], str],
    by_hand: Callable[..., None],
    viewed: Callable[[], list[tuple[str, UUID]]],
) -> None:
    by_hand("UPDATE calls SET audio_url = :key WHERE id = :id", key=stored_sound(organization), id=call.id)

    with unwritable(by_hand):
        refused = looking.get(f"/calls/{call.id}{path}", status=503)

    assert "couldn’t be recorded in the audit trail" in refused.text
    assert "Vera Caller" not in refused.text
    assert "sound" not in refused.html
    assert viewed() == []
    looking.get(f"/calls/{call.id}")
    assert viewed() == [("call", call.id)]


def test_lists_stay_open_while_views_cannot_be_recorded(
    looking: Client, call: Call, by_hand: Callable[..., None]
) -> None:
    with unwritable(by_hand):
        assert "Vera Caller" in looking.get("/calls").text


def test_concurrent_requests_of_a_viewing_record_a_record_once(
    app: Flask, looking: Client, call: Call, viewed: Callable[[], list[tuple[str, UUID]]]
) -> None:
    tabs = [Client(app) for _ in range(6)]
    for tab in tabs:
        tab.set_cookie(SESSION_COOKIE, looking.cookie(SESSION_COOKIE))
    ready, statuses = Barrier(len(tabs), timeout=10), []

    def open_it(tab: Client) -> None:
        ready.wait()
        statuses.append(tab.look_at(f"/calls/{call.id}").status)

    threads = [Thread(target=open_it, args=(tab,)) for tab in tabs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert statuses == [200] * 6
    assert viewed() == [("call", call.id)]


def test_the_trail_shows_what_was_opened(
    looking: Client, new_client: Callable[[], Client], make: Factories, organization: Organization, call: Call
) -> None:
    looking.get(f"/calls/{call.id}")

    page = new_client().sign_in(make.user(organization, Role.ADMIN)).get("/audit?action=record.viewed")

    assert "Opened a record while viewing as another person" in page.text
    assert "Vera Caller" in page.text


def test_every_argument_of_a_page_names_a_resource(app: Flask) -> None:
    with app.app_context():
        known = resources_by_argument()
    unknown = {
        argument
        for rule in app.url_map.iter_rules()
        for argument in rule.arguments
        if "GET" in (rule.methods or ())
        and not is_static(rule.endpoint)
        and not is_closed(rule.endpoint, rule.rule)
        and (access := access_of(app, rule.endpoint)) is not None
        and access.signed_in
        and argument not in known
    }

    assert unknown == NO_RECORDS.keys()
