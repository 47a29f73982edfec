"""The page `/audit/<id>`: the change word by word, and its context."""

from collections.abc import Callable
from datetime import timedelta
from html import escape

import pytest
from sqlalchemy import Engine, text

from app.db.ids import uuid7
from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page
from tests.trust.audit_log.entries import entries_on, link_on


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization(timezone="America/New_York")


@pytest.fixture
def reader(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SUPPORT)


def marked(page: Page, tag: str) -> list[str]:
    """Return the texts marked as deleted (del) or inserted (ins)."""
    return ["".join(mark.itertext()) for mark in page.all(f".//{tag}")]


def test_an_entry_shows_before_and_after_in_words(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    csr = make.user(organization, name="Maya Torres")
    entry = make.entry(
        organization,
        before={"booking_status": "booked", "csr_id": None, "ended_at": "2026-03-18T16:00:00+00:00", "answered": True},
        after={"booking_status": "not_booked", "csr_id": str(csr.id), "ended_at": None, "answered": False},
    )

    page = client.sign_in(reader).get(f"/audit/{entry.id}")

    taken_away = {words.replace("\xa0", " ") for words in marked(page, "del")}
    assert {"Booked", "Mar 18, 2026, 12:00 PM EDT", "Yes"} <= taken_away
    assert {"Not booked", "Maya Torres", "No"} <= set(marked(page, "ins"))
    assert "Not set" in page.text


def test_amounts_have_cents_and_as_many_decimals_as_they_need(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    call = make.call(organization)
    entry = make.entry(
        organization, resource_id=call.id, before={"cost": 0.01, "waited_seconds": 5}, after={"cost": 0.0085}
    )

    page = client.sign_in(reader).get(f"/audit/{entry.id}")

    assert (marked(page, "del"), marked(page, "ins")) == (["0.01", "5"], ["0.0085"])
    assert "Waited" in page.text


def test_of_long_texts_only_the_words_that_differ_are_marked(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    before, after = "Call back  on Monday,\nafter nine.", "Call back  on Friday,\nafter nine sharp."
    entry = make.entry(organization, before={"body": before}, after={"body": after})

    page = client.sign_in(reader).get(f"/audit/{entry.id}")

    assert marked(page, "del") == ["Monday"]
    assert marked(page, "ins") == ["Friday", " sharp"]
    shown = ["".join(cell.itertext()) for cell in page.all(".//table[@class='diff']/tbody/tr/td/span")]
    assert shown == [before, after]


def test_the_name_of_a_file_cannot_turn_its_letters_round(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    """Control characters in a file name recorded before names were checked are escaped."""
    named = {"file_name": "calls\u202excod.csv"}
    entry = make.entry(
        organization, resource_type="import", resource_id=uuid7(), action="import.deleted", before=named, after=None
    )

    page = client.sign_in(reader).get(f"/audit/{entry.id}")

    assert "calls\\u202excod.csv" in page.text
    assert "\u202e" not in page.html


def test_values_are_text_and_never_markup(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    evil = "<script>alert(1)</script> \"'><img src=x onerror=alert(1)>"
    entry = make.entry(
        organization,
        actor_label=evil,
        before={"body": f"{evil} then", evil: evil},
        after={"body": f"{evil} now", "deep": {evil: [evil]}},
        details={evil: evil},
        user_agent=evil,
        request_id=evil[:40],
    )
    client.sign_in(reader)

    for page in (client.get(f"/audit/{entry.id}"), client.swap(f"/audit/{entry.id}"), client.get("/audit")):
        assert "<script>alert" not in page.html
        assert "<img src=x" not in page.html
    assert escape("<script>") in client.get(f"/audit/{entry.id}").html


def test_a_secret_is_masked(client: Client, make: Factories, organization: Organization, reader: User) -> None:
    user = make.user(organization)
    entry = make.entry(
        organization,
        resource_type="user",
        resource_id=user.id,
        before={"password_hash": "[redacted]"},
        after={"password_hash": "[redacted]"},
    )

    page = client.sign_in(reader).get(f"/audit/{entry.id}")

    assert marked(page, "ins") == ["••••••"]
    assert "Secret (not recorded)" in page.text
    assert "Password" in page.text


def test_an_erased_entry_says_so(client: Client, make: Factories, organization: Organization, reader: User) -> None:
    entry = make.entry(organization, before=None, after=None, redacted_at=DAY)

    page = client.sign_in(reader).get(f"/audit/{entry.id}")

    assert "This entry’s values were erased" in page.text
    assert "No changes: this entry only records" not in page.text


def test_an_entry_leads_to_its_record_its_person_its_request_and_its_operation(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    maya, operation = make.user(organization, name="Maya Torres"), uuid7()
    call = make.call(organization)
    entry = make.entry(organization, maya, resource_id=call.id, operation_id=operation, request_id="req-1")
    for number in range(1, 25):
        make.entry(organization, operation_id=operation, created_at=DAY + timedelta(seconds=number))
    make.entry(organization, maya, created_at=DAY + timedelta(days=1))
    make.entry(organization)
    client.sign_in(reader)

    page = client.get(f"/audit/{entry.id}")

    assert "25 entries in the same operation" in page.text
    assert entries_on(client.get(link_on(page, "Show the whole operation")))[-1] == entry.id
    for words in ("All entries by this person that day", "All entries from this request"):
        assert entries_on(client.get(link_on(page, words))) == [entry.id]
    # The database itself recorded the creation of the call.
    about_the_call = client.get(link_on(page, "All entries about this record"))
    assert entries_on(about_the_call)[1:] == [entry.id]
    assert "Added: call" in about_the_call.text


def test_an_entry_opens_in_its_place_and_closes(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    entry = make.entry(organization)
    client.sign_in(reader)

    opened, closed = client.swap(f"/audit/{entry.id}"), client.swap(f"/audit/{entry.id}?closed=1")

    assert entries_on(opened) == entries_on(closed) == [entry.id]
    assert 'aria-expanded="true"' in opened.html
    assert 'aria-expanded="false"' in closed.html
    assert "Changes" in opened.text
    assert "Changes" not in closed.text


def test_an_entry_says_whether_it_is_sealed(
    client: Client, make: Factories, organization: Organization, reader: User, admin_engine: Engine
) -> None:
    entry = make.entry(organization)
    client.sign_in(reader)
    assert "Not sealed yet" in client.get(f"/audit/{entry.id}").text

    with admin_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_seals SELECT organization_id, 1, 0, id, pos + 1, id, '2026-03-01', 1, '', '', '',"
                " 'key', '', now() FROM audit_logs WHERE id = :entry"
            ),
            {"entry": entry.id},
        )
    assert "Not sealed yet" not in client.get(f"/audit/{entry.id}").text


def test_an_entry_of_another_organization_is_not_found(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    entry = make.entry(make.organization())

    client.sign_in(reader).get(f"/audit/{entry.id}", status=404)


def test_a_very_long_value_is_cut_and_says_by_how_much(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    entry = make.entry(organization, before=None, after={"transcript_text": "word " * 10_000})

    page = client.sign_in(reader).get(f"/audit/{entry.id}")

    assert "30,000 more characters" in page.text


def test_a_change_by_hand_is_told_apart_from_people_and_jobs(
    client: Client, make: Factories, organization: Organization, reader: User, admin_engine: Engine
) -> None:
    task = make.task(organization)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE tasks SET title = 'By hand' WHERE id = :id"), {"id": task.id})
        entry, source = connection.execute(
            text("SELECT id, source FROM audit_logs WHERE resource_id = :id AND action = 'task.updated'"),
            {"id": task.id},
        ).one()

    assert source == "database"
    assert "A direct database change" in client.sign_in(reader).get(f"/audit/{entry}").text


def test_a_refusal_says_what_was_refused_and_for_lack_of_what(
    client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization, reader: User
) -> None:
    refused = new_client().sign_in(make.user(organization))
    refused.post(f"/tasks/{make.task(organization).id}/delete", status=403)
    refused.get("/audit", status=403)
    client.sign_in(reader)

    page = client.get("/audit?action=permission.refused")
    [latest, first] = entries_on(page)

    deleting = "Access denied: POST /tasks/…/delete. Missing permission: “tasks:delete”"
    reading = "Access denied: GET /audit. Missing permission: “audit:read”"
    assert deleting in page.text
    assert reading in page.text
    assert reading in client.get(f"/audit/{latest}").text
    assert deleting in client.get(f"/audit/{first}").text
    assert deleting in client.get("/audit.csv?action=permission.refused").html.replace('""', '"')
    assert entries_on(client.get("/audit?q=tasks:delete")) == [first]


def test_version_and_id_are_no_changes(
    client: Client, make: Factories, organization: Organization, reader: User
) -> None:
    changed = make.entry(
        organization, before={"version": 1, "outcome": "spam"}, after={"version": 2, "outcome": "resolved"}
    )
    made = make.entry(
        organization, action="call.created", before=None, after={"id": str(uuid7()), "version": 1, "topic": "Pump"}
    )
    client.sign_in(reader)

    pages = [client.get(f"/audit?{narrowed}") for narrowed in ("field=outcome", "field=topic")]
    pages += [client.get(f"/audit/{entry.id}") for entry in (changed, made)]

    for page in pages:
        heads = {"".join(cell.itertext()).strip() for cell in page.all(".//tbody//th")}
        named = {
            words.strip() for part in page.all(".//span[@class='sub']") for words in "".join(part.itertext()).split(",")
        }
        assert not {"Version", "ID"} & (heads | named)
    assert "Version" not in [option.text for option in pages[0].all(".//select[@name='field']/option")]
    assert "Pump" in pages[3].text
    assert "Version" not in client.get("/audit.csv?field=outcome").html
