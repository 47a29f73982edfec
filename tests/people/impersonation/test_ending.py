"""Automatic end of viewing as another user, with a message on the next click and an audit entry."""

from collections.abc import Callable
from typing import Any

import pytest

from app.models import Organization, User, UserPermission
from tests.people.impersonation.conftest import Looking
from tests.support.client import Client
from tests.support.factories import Factories

BANNER = "You’re viewing as Cora Counter"


@pytest.mark.parametrize(
    ("what_happens", "told", "cause"),
    [
        ("UPDATE user_sessions SET viewing_since = viewing_since - interval '30 minutes'", "30 minutes", "time_is_up"),
        (
            "UPDATE users SET status = 'inactive' WHERE id = :person",
            "that person’s account is no longer active",
            "person_gone",
        ),
        (
            "UPDATE users SET deleted_at = now() WHERE id = :person",
            "that person’s account is no longer active",
            "person_gone",
        ),
        (
            "UPDATE users SET role = 'owner' WHERE id = :person",
            "can no longer view as that person",
            "right_lost",
        ),
        (
            "UPDATE users SET role = 'support' WHERE id = :viewer",
            "can no longer view as that person",
            "right_lost",
        ),
    ],
    ids=["time", "inactive", "deleted", "above", "demoted"],
)
def test_it_ends_with_the_next_click(
    client: Client,
    admin: User,
    csr: User,
    look: Looking,
    trail: Callable[..., list[Any]],
    by_hand: Callable[..., None],
    what_happens: str,
    told: str,
    cause: str,
) -> None:
    client.sign_in(admin)
    look(client, csr)
    assert BANNER in client.get("/calls").text
    values = {"person": csr.id, "viewer": admin.id}
    by_hand(what_happens, **{name: value for name, value in values.items() if f":{name}" in what_happens})

    page = client.get("/jobs")

    assert BANNER not in page.text
    assert told in page.text
    client.get("/jobs")
    (ended,) = trail("session.viewing.ended")
    assert (ended.user_id, ended.details["cause"]) == (admin.id, cause)


def test_a_person_who_is_purged_leaves_nobody_behind(
    client: Client, admin: User, csr: User, look: Looking, trail: Callable[..., list[Any]], by_hand: Callable[..., None]
) -> None:
    client.sign_in(admin)
    look(client, csr)
    by_hand("DELETE FROM users WHERE id = :id", id=csr.id)

    client.get("/jobs")

    (ended,) = trail("session.viewing.ended")
    assert ended.details["cause"] == "person_gone"


def test_whoever_is_granted_more_than_the_admin_has_is_out_of_sight(
    client: Client, make: Factories, organization: Organization, admin: User, csr: User, look: Looking
) -> None:
    client.sign_in(admin)
    look(client, csr)
    make.add(UserPermission(organization_id=organization.id, user_id=csr.id, permission="trash:purge"))

    assert "can no longer view as that person" in client.get("/jobs").text


def test_a_change_sent_in_the_moment_it_ends_is_not_made(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    csr: User,
    look: Looking,
    trail: Callable[..., list[Any]],
    by_hand: Callable[..., None],
) -> None:
    call = make.call(organization, csr=csr)
    client.sign_in(admin)
    look(client, csr)
    note = client.get(f"/calls/{call.id}").fields(f"/calls/{call.id}/notes")
    by_hand("UPDATE user_sessions SET viewing_since = viewing_since - interval '31 minutes'")

    client.post(f"/calls/{call.id}/notes", {**note, "body": "Too late"}, status=403)

    assert trail("call_note") == []
    assert [one.action for one in trail("session.viewing")] == ["session.viewing.started", "session.viewing.ended"]


def test_with_the_session_the_look_is_over_too(
    client: Client, admin: User, csr: User, look: Looking, by_hand: Callable[..., None]
) -> None:
    client.sign_in(admin)
    look(client, csr)
    by_hand("UPDATE user_sessions SET revoked_at = now(), revoked_reason = 'role_changed'")

    page = client.follow(client.get("/calls", status=303))

    assert "because your role was changed" in page.text


def test_an_organization_that_begins_to_ask_for_a_second_factor_ends_it(
    client: Client, admin: User, csr: User, look: Looking, by_hand: Callable[..., None]
) -> None:
    client.sign_in(admin)
    look(client, csr)
    by_hand("UPDATE organizations SET require_mfa = true")

    assert client.get("/calls", status=303).headers["Location"] == "/account/second-factor"
