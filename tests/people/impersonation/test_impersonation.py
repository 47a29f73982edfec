"""Viewing as another user: read-only, and recorded under the admin's own name."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import Notification, Organization, Role, User, UserPermission
from tests.people.impersonation.conftest import WHY, Looking
from tests.support.client import Client
from tests.support.factories import Factories

BANNER = "You’re viewing as Cora Counter (signed in as Ada Admin)."


def test_the_pages_are_those_of_the_person(
    client: Client, make: Factories, organization: Organization, admin: User, csr: User, look: Looking
) -> None:
    own, others = make.call(organization, csr=csr), make.call(organization, csr=make.user(organization))
    make.add(
        UserPermission(organization_id=organization.id, user_id=csr.id, permission="reports:read", granted_by_label="")
    )
    client.sign_in(admin).get(f"/calls/{others.id}")

    begun = client.get(look(client, csr).headers["Location"], status=303)

    assert begun.headers["Location"] == "/my-day", "where a CSR begins"
    assert BANNER in client.follow(begun).text
    client.get(f"/calls/{own.id}")
    client.get(f"/calls/{others.id}", status=404)
    client.get("/jobs", status=403)


def test_the_language_and_the_theme_stay_those_of_who_looks(
    client: Client, make: Factories, organization: Organization, owner: User, csr: User, look: Looking
) -> None:
    client.sign_in(make.user(organization, role=Role.ADMIN, language="ru", theme="dark"))

    look(client, csr)

    root = client.get("/calls").root
    assert (root.get("lang"), root.get("data-theme")) == ("ru", "dark")


def test_nothing_can_be_changed_and_the_refusal_is_recorded_under_the_own_name(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    csr: User,
    look: Looking,
    trail: Callable[..., list[Any]],
) -> None:
    call = make.call(organization, csr=csr)
    client.sign_in(admin)
    look(client, csr)
    note = client.get(f"/calls/{call.id}").fields(f"/calls/{call.id}/notes")

    page = client.post(f"/calls/{call.id}/notes", {**note, "body": "Written by somebody else"}, status=403)

    assert "You’re viewing as Cora Counter, so nothing was changed" in page.text
    (refused,) = trail("permission.refused")
    assert (refused.user_id, refused.details["viewing_as"]) == (admin.id, str(csr.id))
    assert trail("call_note") == []


@pytest.mark.parametrize("address", ["/account", "/account/second-factor", "/calls.csv"])
def test_the_account_and_files_stay_closed(client: Client, admin: User, csr: User, look: Looking, address: str) -> None:
    client.sign_in(admin)
    look(client, csr)

    assert "Only Cora Counter can use this" in client.get(address, status=403).text


def test_public_forms_change_nothing_either(client: Client, admin: User, csr: User, look: Looking) -> None:
    client.sign_in(admin)
    look(client, csr)
    client.get("/calls")

    client.post("/account/theme", {"theme": "dark", "next": "/calls"}, status=403)
    client.post("/login", {"email": csr.email, "password": "correct horse battery staple"}, status=403)


def test_a_recording_is_played_under_the_own_name(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    csr: User,
    look: Looking,
    trail: Callable[..., list[Any]],
    stored_sound: Callable[[Organization], str],
) -> None:
    call = make.call(organization, csr=csr, audio_url=stored_sound(organization))
    client.sign_in(admin)
    look(client, csr)

    client.get(f"/calls/{call.id}/audio", buffered=True)

    (played,) = trail("recording.played")
    assert (played.user_id, played.actor_label, played.actor_role) == (admin.id, "Ada Admin", "admin")
    assert played.details == {"viewing_as": str(csr.id)}


def test_the_person_is_not_seen_by_it_and_reads_their_notices_themselves(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    csr: User,
    look: Looking,
    admin_engine: Engine,
    by_hand: Callable[..., None],
) -> None:
    make.add(
        Notification(
            organization_id=organization.id, user_id=csr.id, kind="task_assigned", text="A task for you", link="/tasks"
        )
    )
    client.sign_in(admin)
    look(client, csr)
    by_hand("UPDATE user_sessions SET last_seen_at = now() - interval '5 minutes'")

    client.get("/calls")

    with Session(admin_engine) as session:
        assert session.scalars(select(User.last_seen_at).where(User.id == csr.id)).one() is None
        assert session.scalars(select(User.last_seen_at).where(User.id == admin.id)).one() is not None
        assert session.scalars(select(Notification.read_at)).all() == [None]


def test_begin_and_end_stand_in_the_trail_with_the_reason(
    client: Client, admin: User, csr: User, look: Looking, trail: Callable[..., list[Any]]
) -> None:
    client.sign_in(admin)

    look(client, csr)
    client.get("/calls")
    client.post("/view-as/end")
    page = client.get("/jobs")

    assert "View-as ended." in page.text
    assert BANNER not in page.text
    started, ended = trail("session.viewing")
    assert (started.action, ended.action) == ("session.viewing.started", "session.viewing.ended")
    assert {started.user_id, ended.user_id} == {admin.id}
    assert started.details == {"viewing_as": str(csr.id), "name": "Cora Counter", "reason": WHY}
    assert ended.details == {"viewing_as": str(csr.id), "reason": WHY, "cause": "by_hand"}


def test_a_second_click_begins_and_ends_nothing_twice(
    client: Client, admin: User, csr: User, look: Looking, trail: Callable[..., list[Any]]
) -> None:
    client.sign_in(admin)
    look(client, csr)
    look(client, csr)
    client.get("/calls")
    client.post("/view-as/end")
    client.get("/jobs")
    client.post("/view-as/end")

    assert [one.action for one in trail("session.viewing")] == ["session.viewing.started", "session.viewing.ended"]


def test_from_one_person_to_another(
    client: Client,
    make: Factories,
    organization: Organization,
    admin: User,
    csr: User,
    look: Looking,
    trail: Callable[..., list[Any]],
) -> None:
    rep = make.user(organization, role=Role.SALES_REP, name="Rita Rep")
    client.sign_in(admin)
    look(client, csr)
    client.get("/calls")

    look(client, rep)

    assert "You’re viewing as Rita Rep" in client.get("/calls").text
    assert [one.details.get("cause") for one in trail("session.viewing")] == [None, "another_person", None]


def test_a_form_opened_while_looking_is_worth_nothing_after(
    client: Client, make: Factories, organization: Organization, admin: User, csr: User, look: Looking
) -> None:
    call = make.call(organization, csr=csr)
    client.sign_in(admin)
    look(client, csr)
    note = client.get(f"/calls/{call.id}").fields(f"/calls/{call.id}/notes")
    client.post("/view-as/end")

    client.post(f"/calls/{call.id}/notes", {**note, "body": "Meant for a look only"}, status=403)


def test_the_call_that_is_on_is_that_of_the_person(
    client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization, admin: User,
    csr: User, look: Looking,
) -> None:  # fmt: skip
    contact = make.contact(organization, first_name="Ruth", last_name="Delgado")
    theirs = make.contact(organization, first_name="Harold", last_name="Pine")
    make.call(organization, csr=csr, contact_card_id=theirs.id)
    client.sign_in(admin).post(f"/calls/to/{contact.id}", status=303)
    assert "Ruth Delgado: how did it go?" in client.get("/calls").text

    look(client, csr)
    assert "how did it go?" not in client.get("/calls").text
    new_client().sign_in(csr).post(f"/calls/to/{theirs.id}", status=303)
    assert "Harold Pine: how did it go?" in client.get("/calls").text
    client.post("/view-as/end")
    assert "Ruth Delgado: how did it go?" in client.get("/calls").text


def test_signing_out_works(client: Client, admin: User, csr: User, look: Looking) -> None:
    client.sign_in(admin)
    look(client, csr)
    client.get("/calls")

    client.post("/logout")

    client.get("/calls", status=303)


def test_another_browser_of_the_admin_is_as_before(
    client: Client, new_client: Callable[[], Client], admin: User, csr: User, look: Looking
) -> None:
    other = new_client().sign_in(admin)
    client.sign_in(admin)

    look(client, csr)

    other.get("/jobs")
