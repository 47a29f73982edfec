"""Outcome of a call, as set by users."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.models import Call, Organization, Role, User, UserPermission
from app.work.calls.bulk_forms import OutcomeForm as BulkOutcomeForm
from app.work.calls.forms import OutcomeForm
from app.work.calls.resource import CALL
from tests.support.client import HTMX, Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.work.calls.conftest import Trail

Stored = Callable[[Any], Any]


def address(call: Call) -> str:
    return f"/calls/{call.id}/outcome"


def save(client: Client, call: Call, outcome: str, *, status: int = 303, version: str = "1", **options: Any) -> Page:
    return client.post(address(call), {"outcome": outcome, "version": version}, status=status, **options)


def test_the_form_shows_what_is_set_and_saves_what_is_chosen(
    client: Client, csr: User, call: Call, stored: Stored
) -> None:
    form = client.sign_in(csr).get(f"/calls/{call.id}").fields(address(call))
    assert (form["outcome"], form["version"]) == ("", "1")

    page = client.follow(client.post(address(call), {**form, "outcome": "resolved"}))

    assert "Outcome saved." in page.text
    assert page.fields(address(call))["outcome"] == "resolved"
    assert (stored(call).outcome, stored(call).version) == ("resolved", 2)


def test_it_can_be_unknown_again(
    client: Client, make: Factories, organization: Organization, csr: User, stored: Stored
) -> None:
    call = make.call(organization, csr=csr, outcome="spam")
    save(client.sign_in(csr), call, "")

    assert stored(call).outcome is None


def test_htmx_gets_the_panel_the_history_and_a_message(client: Client, csr: User, call: Call) -> None:
    client.sign_in(csr).get(f"/calls/{call.id}")
    page = save(client, call, "resolved", status=200, headers=HTMX)

    assert not page.is_whole
    assert page.fields(address(call))["version"] == "2"
    assert "Changed by Maya Torres" in text_of(page.one(".//*[@id='call-timeline']"))
    assert "Outcome saved." in page.text


def test_sent_twice_it_is_saved_once(client: Client, csr: User, call: Call, stored: Stored, trail: Trail) -> None:
    client.sign_in(csr)
    save(client, call, "resolved")
    save(client, call, "resolved")

    assert stored(call).version == 2
    assert len(trail("call.updated")) == 1


def test_the_change_is_in_the_trail_with_who_and_from_where(
    client: Client, csr: User, call: Call, trail: Trail
) -> None:
    save(client.sign_in(csr), call, "resolved", headers={"X-Request-ID": "request-of-the-change"})

    (change,) = trail("call.updated")
    assert (change.before, change.after) == ({"outcome": None, "version": 1}, {"outcome": "resolved", "version": 2})
    assert (change.user_id, change.actor_label) == (csr.id, "Maya Torres")
    assert (str(change.ip_address), change.request_id) == ("127.0.0.1", "request-of-the-change")


class TestRefusals:
    @pytest.mark.parametrize(
        "data",
        [
            {"outcome": "brilliant", "version": "1"},
            {"version": "1"},
            {"outcome": "resolved"},
            {"outcome": "resolved", "version": "one"},
            {"outcome": "resolved", "version": "9" * 400},
            {"outcome": "re\0solved", "version": "1"},
        ],
        ids=["unknown", "nothing", "no version", "no number", "too large", "NUL"],
    )
    def test_what_the_form_does_not_offer_is_refused_in_place(
        self, client: Client, csr: User, call: Call, stored: Stored, data: dict[str, str]
    ) -> None:
        page = client.sign_in(csr).post(address(call), data, status=400)

        assert page.all(".//*[@data-error-summary]")
        assert stored(call).outcome is None

    def test_a_body_of_megabytes_is_refused(self, client: Client, csr: User, call: Call) -> None:
        save(client.sign_in(csr), call, "x" * 11_000_000, status=413)

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXEC])
    def test_who_only_reads_cannot_save(
        self, client: Client, make: Factories, organization: Organization, call: Call, role: Role, stored: Stored
    ) -> None:
        client.sign_in(make.user(organization, role))

        assert "Save outcome" not in client.get(f"/calls/{call.id}").text
        save(client, call, "resolved", status=403)
        assert stored(call).outcome is None

    def test_a_colleagues_call_is_not_there(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User, stored: Stored
    ) -> None:
        call = make.call(organization, csr=colleague)
        save(client.sign_in(csr), call, "resolved", status=404)

        assert stored(call).outcome is None

    def test_a_strangers_call_is_not_there_for_an_owner(
        self, client: Client, make: Factories, organization: Organization, strangers_call: Call, stored: Stored
    ) -> None:
        save(client.sign_in(make.user(organization, Role.OWNER)), strangers_call, "resolved", status=404)

        assert stored(strangers_call).outcome is None

    def test_who_was_granted_to_see_all_calls_changes_their_own_only(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User, stored: Stored
    ) -> None:
        make.add(UserPermission(organization_id=organization.id, user_id=csr.id, permission="calls:read"))
        call = make.call(organization, csr=colleague)
        client.sign_in(csr)

        assert "Save outcome" not in client.get(f"/calls/{call.id}").text
        page = save(client, call, "resolved", status=403)

        assert "You can only edit your own calls" in page.text
        assert stored(call).outcome is None

    def test_without_the_pages_token_nothing_is_saved(
        self, client: Client, csr: User, call: Call, stored: Stored
    ) -> None:
        client.sign_in(csr).get(f"/calls/{call.id}")
        client.post(address(call), {"outcome": "spam", "version": "1", "csrf_token": "guessed"}, status=403)

        assert stored(call).outcome is None


def test_it_is_called_the_same_wherever_it_is_set(app: Flask) -> None:
    with app.test_request_context():
        named = str(CALL.field("outcome").label)
        assert [str(form(formdata=None).outcome.label.text) for form in (OutcomeForm, BulkOutcomeForm)] == [named] * 2
