"""The history on a call's page, and who sees which entries."""

from collections.abc import Callable

from app.models import Call, Organization, Role, User
from app.security.permissions import Permission
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.work.calls.reading import open_call, timeline


def test_notes_analysis_and_the_call_stand_in_one_line_newest_first(
    client: Client, make: Factories, csr: User, manager: User, call: Call
) -> None:
    make.analysis(call)
    make.note(call, csr, body="Husband home after 4.")

    # The year is shown once it is over.
    found = [line.replace("Mar 18, 2026,", "Mar 18,") for line in timeline(open_call(client.sign_in(csr), call))]

    assert found[0].startswith("Maya Torres now Husband home after 4.")
    assert found[1] == "Analysis finished now"
    assert found[-2:] == ["Answered by Maya Torres after 10 s Mar 18, 12:00 PM", "Inbound call Mar 18, 12:00 PM"]


def test_a_change_says_who_and_what(
    client: Client, new_client: Callable[[], Client], csr: User, manager: User, call: Call
) -> None:
    client.sign_in(manager)
    form = open_call(client, call).fields(f"/calls/{call.id}/outcome")
    client.post(f"/calls/{call.id}/outcome", {**form, "outcome": "resolved"})

    change = timeline(open_call(new_client().sign_in(csr), call))[0]

    assert change == "Changed by Marcus Bell now Outcome: – → Resolved"


def test_addresses_and_requests_are_for_those_who_read_the_trail(
    client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization,
    manager: User, call: Call,
) -> None:  # fmt: skip
    client.sign_in(manager)
    form = open_call(client, call).fields(f"/calls/{call.id}/outcome")
    client.post(
        f"/calls/{call.id}/outcome", {**form, "outcome": "spam"}, headers={"X-Request-ID": "request-of-the-change"}
    )

    assert "request-of-the-change" not in open_call(client, call).text
    auditor = new_client().sign_in(make.user(organization, Role.SUPPORT))
    assert "From 127.0.0.1, request request-of-the-change" in open_call(auditor, call).text


def test_changes_of_other_calls_stand_elsewhere(
    client: Client, make: Factories, organization: Organization, csr: User, call: Call
) -> None:
    make.note(make.call(organization, csr=csr), csr, body="Of another call.")
    make.note(call, csr, body="A note that was deleted.", deleted_at=DAY)

    text = open_call(client.sign_in(csr), call).text

    assert "Of another call." not in text
    assert "A note that was deleted." not in text


def test_coaching_is_between_managers_and_the_calls_csr(
    client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization, csr: User,
    manager: User, colleague: User,
) -> None:  # fmt: skip
    call = make.call(organization, csr=csr, handled_by_user_id=colleague.id)
    make.note(call, manager, kind="coaching", body="Offer the visit first.")

    def reads(person: User) -> bool:
        return "Offer the visit first." in open_call(new_client().sign_in(person), call).text

    assert reads(csr)
    assert reads(manager)
    assert reads(make.user(organization, Role.EXEC))
    assert not reads(colleague)
    assert not reads(make.user(organization, Role.SUPPORT))


def test_coaching_of_visible_calls_is_read_by_whoever_was_granted_it(
    client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization, csr: User,
    manager: User, colleague: User,
) -> None:  # fmt: skip
    call = make.call(organization, csr=csr, handled_by_user_id=colleague.id)
    make.note(call, manager, kind="coaching", body="Offer the visit first.")
    elsewhere = make.call(organization, csr=csr)
    make.note(elsewhere, manager, kind="coaching", body="Ask for the address.")
    support = make.user(organization, Role.SUPPORT)
    for person in (colleague, support):
        make.grant(person, Permission.COACHING_READ)

    assert "Offer the visit first." in open_call(new_client().sign_in(support), call).text
    assert "Offer the visit first." in open_call(client.sign_in(colleague), call).text
    client.get(f"/calls/{elsewhere.id}", status=404)
