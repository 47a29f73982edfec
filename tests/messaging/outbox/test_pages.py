"""The page `/outbox`: who sees the emails, and who sees the links in them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.db.session import jobs_role
from app.extensions import db
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.service import Receiver, queue_mail
from app.models import Message, Organization, Role, StaffRole, User
from app.people.sign_in.expiry_service import delete_expired
from app.people.users.access_service import issue_reset_link
from app.security.permissions import Permission
from app.security.tokens import Token
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page
from tests.support.work import at_work


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def written_to(app: Flask, organization: Organization) -> Callable[[User], Message]:
    """Function that queues an email with a link to set a password: `written_to(user)`."""

    def write(user: User) -> Message:
        with at_work(app, organization.id):
            person = db.session.get_one(User, (organization.id, user.id))
            message = queue_mail(Mail.PASSWORD_RESET, person, link=issue_reset_link(person))
            db.session.expunge(message)
        return message

    return write


def shows_link(page: Page) -> bool:
    """Return whether the secret part of the link is on the page."""
    return re.search(r"/password/[\w-]{22}\.[\w-]{43}", page.text) is not None


def test_a_message_is_listed_and_read_without_its_link(
    client: Client, make: Factories, organization: Organization, written_to: Callable[[User], Message]
) -> None:
    csr = make.user(organization)
    message = written_to(csr)
    make.message(make.organization(), to_address="stranger@here.example")
    client.sign_in(make.user(organization, role=Role.ADMIN))

    listed = client.get("/outbox")
    page = client.get(f"/outbox/{message.id}")

    assert csr.email in listed.text
    assert "Queued" in listed.text
    assert "stranger@here.example" not in listed.text
    assert "[link hidden]" in page.text
    assert not shows_link(page)


@pytest.mark.parametrize(
    ("reader", "receiver", "may"),
    [
        (Role.ADMIN, Role.CSR, True),
        (Role.OWNER, Role.ADMIN, True),
        (Role.ADMIN, Role.ADMIN, False),
        (Role.ADMIN, Role.OWNER, False),
        (Role.OWNER, Role.OWNER, False),
    ],
)
def test_the_link_of_an_account_is_for_those_above_it(
    client: Client,
    make: Factories,
    organization: Organization,
    written_to: Callable[[User], Message],
    reader: Role,
    receiver: Role,
    may: bool,
    admin_engine: Engine,
) -> None:
    message = written_to(make.user(organization, role=receiver))
    client.sign_in(make.user(organization, role=reader)).get(f"/outbox/{message.id}")

    page = client.post(f"/outbox/{message.id}/link", status=200 if may else 403)

    assert shows_link(page) is may
    with admin_engine.connect() as connection:
        seen = connection.scalar(text("SELECT count(*) FROM audit_logs WHERE action = 'message.link.shown'"))
    assert seen == int(may)


def test_links_need_a_permission_of_their_own_and_a_person_of_lower_rank(
    client: Client,
    make: Factories,
    organization: Organization,
    written_to: Callable[[User], Message],
) -> None:
    of_csr, of_manager = (written_to(make.user(organization, role=role)) for role in (Role.CSR, Role.MANAGER))
    manager = make.user(organization, role=Role.MANAGER)
    make.grant(manager, Permission.OUTBOX_READ)
    client.sign_in(manager)

    assert "You don’t have permission to view links." in client.get(f"/outbox/{of_csr.id}").text
    client.post(f"/outbox/{of_csr.id}/link", status=403)

    make.grant(manager, Permission.OUTBOX_READ_LINKS)
    assert shows_link(client.post(f"/outbox/{of_csr.id}/link", status=200))
    assert "the account of someone at or above your role" in client.get(f"/outbox/{of_manager.id}").text
    client.post(f"/outbox/{of_manager.id}/link", status=403)


def test_who_rose_since_is_not_read_by_former_superiors(
    client: Client,
    make: Factories,
    organization: Organization,
    written_to: Callable[[User], Message],
    admin_engine: Engine,
) -> None:
    person = make.user(organization)
    message = written_to(person)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE users SET role = 'owner' WHERE id = :id"), {"id": person.id})

    client.sign_in(make.user(organization, role=Role.ADMIN))

    client.post(f"/outbox/{message.id}/link", status=403)


def test_the_platforms_people_see_no_links(
    client: Client, make: Factories, organization: Organization, written_to: Callable[[User], Message]
) -> None:
    message = written_to(make.user(organization))
    client.sign_in(make.staff(StaffRole.ADMIN))
    client.post(f"/organizations/{organization.id}/enter", {"reason": "They have asked for help"})

    assert "[link hidden]" in client.get(f"/outbox/{message.id}").text
    client.post(f"/outbox/{message.id}/link", status=403)


def test_an_invitation_can_be_handed_over_by_whoever_could_give_it(
    app: Flask, client: Client, make: Factories, organization: Organization
) -> None:
    with at_work(app, organization.id):
        receiver = Receiver(organization.id, "dana@new.example", Role.ADMIN, "en")
        message = queue_mail(Mail.INVITATION, receiver, link=Token.new(organization.id), inviter="Ada")
        db.session.expunge(message)
    client.sign_in(make.user(organization, role=Role.ADMIN))

    assert "/invitations/accept/" in client.post(f"/outbox/{message.id}/link", status=200).text


def test_a_message_without_a_link_has_none_to_show(client: Client, make: Factories, organization: Organization) -> None:
    message = make.message(organization)
    client.sign_in(make.user(organization, role=Role.ADMIN))

    assert "Hello Dana." in client.get(f"/outbox/{message.id}").text
    client.post(f"/outbox/{message.id}/link", status=404)


def test_filters_keep_what_they_say(client: Client, make: Factories, organization: Organization) -> None:
    make.message(organization, to_address="sent@here.example", status="sent")
    make.message(organization, to_address="failed@here.example", status="failed")
    client.sign_in(make.user(organization, role=Role.ADMIN))

    page = client.get("/outbox?status=failed")

    assert "failed@here.example" in page.text
    assert "sent@here.example" not in page.text


def test_a_link_that_is_dead_is_forgotten(
    app: Flask,
    client: Client,
    make: Factories,
    organization: Organization,
    written_to: Callable[[User], Message],
    admin_engine: Engine,
) -> None:
    dead, alive = (written_to(make.user(organization)) for _number in range(2))
    with admin_engine.begin() as connection:
        old = text("UPDATE messages SET created_at = now() - interval '8 days' WHERE id = :id")
        connection.execute(old, {"id": dead.id})

    with app.app_context(), jobs_role(), at_work(app, organization.id):
        delete_expired(datetime.now(UTC))

    client.sign_in(make.user(organization, role=Role.ADMIN))
    client.post(f"/outbox/{dead.id}/link", status=404)
    client.post(f"/outbox/{alive.id}/link", status=200)


def test_the_list_shows_the_first_words_and_no_link(
    client: Client, make: Factories, organization: Organization, written_to: Callable[[User], Message]
) -> None:
    mail = written_to(make.user(organization))
    words = "Your technician arrives between 9:00 and 11:00."
    make.message(organization, channel="sms", to_address="+12125550142", subject=None, body=words)
    client.sign_in(make.user(organization, role=Role.ADMIN))

    listed = client.get("/outbox")

    assert listed.links[words].startswith("/outbox/")
    assert " ".join(mail.body.split())[:30] in listed.text
    assert "{link}" not in listed.text
    assert not shows_link(listed)
