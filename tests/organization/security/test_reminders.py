"""Reminders to set up two-factor authentication."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask

from app.errors import Conflict
from app.models import AuditLog, Message, Notification, Organization, Role, User
from app.organization.security.reminder_service import remind
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.pages import text_of
from tests.support.work import at_work, both_at_once

SECURITY = "/organization/security"


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    """A CSR without two-factor authentication."""
    return make.user(organization, name="Cara Csr", language="ru")


def test_a_reminder_is_an_email_and_a_notification_in_the_readers_language(
    as_admin: Client, csr: User, behind: Behind
) -> None:
    page = as_admin.get(SECURITY)
    address = f"{SECURITY}/reminders/{csr.id}"

    after = as_admin.follow(as_admin.post(address, page.fields(address)))

    assert "Cara Csr was reminded by email." in after.text
    mail = behind.one(Message, receiver_id=csr.id)
    assert (mail.to_address, mail.template) == (csr.email, "second_factor_reminder")
    assert "http://127.0.0.1:8000/account/second-factor" in mail.body
    assert "Ada Admin" in mail.body
    assert "двухфакторную аутентификацию" in mail.body
    told = behind.one(Notification, user_id=csr.id)
    assert (told.kind, told.link) == ("second_factor_reminder", "/account/second-factor")
    assert "двухфакторную аутентификацию" in told.text
    entry = behind.one(AuditLog, action="user.second_factor.reminded")
    assert (entry.resource_id, entry.actor_label) == (csr.id, "Ada Admin")


def test_people_who_have_none_themselves_get_a_link_to_set_it_up(as_admin: Client, admin: User) -> None:
    page = as_admin.get(SECURITY)

    [row] = [
        row
        for row in page.all(".//section[@aria-labelledby='without-second-factor']//tbody/tr")
        if "Ada Admin" in text_of(row)
    ]
    assert [link.get("href") for link in row.findall(".//td//a")] == ["/account/second-factor"]
    assert row.findall(".//form") == []


def test_within_a_day_the_page_says_when_and_offers_no_other(as_admin: Client, csr: User, behind: Behind) -> None:
    address = f"{SECURITY}/reminders/{csr.id}"
    as_admin.get(SECURITY)
    as_admin.post(address)

    page = as_admin.get(SECURITY)

    [row] = [row for row in page.all(".//tbody/tr") if "Cara Csr" in text_of(row)]
    assert "Reminded" in text_of(row)
    assert not page.all(f".//form[@action='{address}']")
    refused = as_admin.post(address, status=409)
    assert "Cara Csr was reminded less than a day ago. Try again tomorrow." in refused.text
    assert len(behind.rows(Message, receiver_id=csr.id)) == 1
    assert len(behind.rows(Notification, user_id=csr.id)) == 1


def test_after_a_day_they_can_be_reminded_again(as_admin: Client, csr: User, behind: Behind) -> None:
    behind.change(csr, second_factor_reminded_at=datetime.now(UTC) - timedelta(hours=24, minutes=1))
    address = f"{SECURITY}/reminders/{csr.id}"

    page = as_admin.get(SECURITY)
    [button] = page.all(f".//form[@action='{address}']//button")
    as_admin.post(address)

    assert text_of(button) == "Remind again"
    assert len(behind.rows(Message, receiver_id=csr.id)) == 1


def test_two_admins_at_once_send_one_reminder(app: Flask, admin: User, owner: User, csr: User, behind: Behind) -> None:
    refused = both_at_once(app, csr.organization_id, *(partial(remind, acting(by), csr.id) for by in (admin, owner)))

    assert [type(one) for one in refused] == [Conflict]
    assert len(behind.rows(Message, receiver_id=csr.id)) == 1
    assert len(behind.rows(Notification, user_id=csr.id)) == 1


@pytest.mark.parametrize("state", [{"mfa_secret": b"sealed"}, {"status": "inactive"}])
def test_who_has_one_or_cannot_sign_in_is_not_reminded(
    as_admin: Client, make: Factories, organization: Organization, behind: Behind, state: dict[str, Any]
) -> None:
    person = make.user(organization, **state)
    as_admin.get(SECURITY)

    as_admin.post(f"{SECURITY}/reminders/{person.id}", status=409)

    assert behind.rows(Message) == []


def test_people_of_other_organizations_are_not_found(as_admin: Client, make: Factories, behind: Behind) -> None:
    stranger = make.user(make.organization())
    as_admin.get(SECURITY)

    as_admin.post(f"{SECURITY}/reminders/{stranger.id}", status=404)

    assert behind.one(User, id=stranger.id).second_factor_reminded_at is None


def test_a_manager_reminds_no_one(
    new_client: Callable[[], Client], make: Factories, organization: Organization, csr: User, behind: Behind
) -> None:
    theirs = new_client().sign_in(make.user(organization, role=Role.MANAGER))
    theirs.get("/calls")

    theirs.post(f"{SECURITY}/reminders/{csr.id}", status=403)

    assert behind.rows(Message) == []


def test_the_reminder_keeps_open_forms_of_the_person_valid(app: Flask, admin: User, csr: User, behind: Behind) -> None:
    with at_work(app, csr.organization_id):
        remind(acting(admin), csr.id)

    assert behind.one(User, id=csr.id).version == csr.version
