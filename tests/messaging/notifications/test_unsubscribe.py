"""The unsubscribe link in emails: GET asks for confirmation, POST ends one kind of email for one user."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from sqlalchemy import Engine, text

from app.insight.reports.notices import REPORT_READY
from app.messaging.notifications.unsubscribe_service import LINK_LIFETIME, unsubscribe_address
from app.models import Organization, Role, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of


@pytest.fixture
def reader(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER, name="Mia Manager")


def link_of(app: Flask, person: User, organization_id: UUID | None = None) -> str:
    """Return the path of the unsubscribe link in an email to this person."""
    with app.app_context():
        return urlsplit(unsubscribe_address(REPORT_READY, organization_id or person.organization_id, person.id)).path


def choices_of(admin_engine: Engine, person: User) -> object:
    with admin_engine.connect() as connection:
        return connection.scalar(text("SELECT notification_choices FROM users WHERE id = :id"), {"id": person.id})


def ticked(client: Client, person: User) -> list[str]:
    """Return the channels selected for finished reports on the notifications page."""
    page = client.sign_in(person).get("/notifications")
    found = [box.get("value", "") for box in page.all(".//input[@name='ways'][@checked]")]
    return [value for value in found if value.startswith("report_ready:")]


def test_looking_at_it_changes_nothing_and_posting_ends_them(
    app: Flask, client: Client, reader: User, admin_engine: Engine
) -> None:
    link = link_of(app, reader)

    page = client.get(link)
    assert reader.email in page.text
    assert "Weekly reports" in text_of(page.one(".//h1"))
    assert choices_of(admin_engine, reader) == {}

    page = client.follow(client.post(link))
    assert "You’re unsubscribed from these emails." in page.text
    assert choices_of(admin_engine, reader) == {"report_ready": ["page"]}
    assert ticked(client, reader) == ["report_ready:page"]


def test_a_mail_program_posts_without_a_page_of_ours(app: Flask, reader: User, admin_engine: Engine) -> None:
    browser = app.test_client()

    for _time in range(2):
        answer = browser.post(link_of(app, reader), data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, "Location" in answer.headers) == (200, False)
        assert "You’re unsubscribed from these emails." in answer.text

    assert choices_of(admin_engine, reader) == {"report_ready": ["page"]}


def test_one_can_have_them_again(app: Flask, client: Client, reader: User, admin_engine: Engine) -> None:
    link = link_of(app, reader)
    page = client.follow(client.post(link))
    (form,) = page.all(".//main//form[@method='post']")

    page = client.follow(client.post(form.get("action", "")))

    assert "Unsubscribe from these emails?" in page.text
    assert choices_of(admin_engine, reader) == {"report_ready": ["mail", "page"]}


def test_having_them_again_takes_a_form_of_ours(app: Flask, reader: User, admin_engine: Engine) -> None:
    link = link_of(app, reader)
    browser = app.test_client()
    browser.post(link)

    assert browser.post(link.replace("/unsubscribe/", "/subscribe/")).status_code == 403

    assert choices_of(admin_engine, reader) == {"report_ready": ["page"]}


def test_the_daily_mail_and_other_kinds_stay(
    app: Flask, client: Client, make: Factories, organization: Organization, admin_engine: Engine
) -> None:
    person = make.user(
        organization,
        role=Role.EXEC,
        notification_choices={"report_ready": ["digest", "mail"], "export_ready": ["mail"]},
    )

    client.post(link_of(app, person))

    assert choices_of(admin_engine, person) == {"report_ready": ["digest"], "export_ready": ["mail"]}


def test_it_is_the_person_who_did_it_whoever_is_signed_in(
    app: Flask, client: Client, make: Factories, reader: User, admin_engine: Engine
) -> None:
    other = make.user(make.organization(), role=Role.OWNER)
    client.sign_in(other)

    client.post(link_of(app, reader))

    trail = text("""SELECT organization_id, user_id, actor_label, resource_id FROM audit_logs
        WHERE action = 'user.updated' AND resource_id = :id""")
    with admin_engine.connect() as connection:
        (row,) = connection.execute(trail, {"id": reader.id}).all()
    assert tuple(row) == (reader.organization_id, reader.id, "Mia Manager", reader.id)
    assert choices_of(admin_engine, other) == {}


def test_one_that_was_forged_is_refused(app: Flask, client: Client, reader: User, admin_engine: Engine) -> None:
    link = link_of(app, reader)
    head, _slash, token = link.rpartition("/")
    data, moment, signature = token.rsplit(".", 2)

    for forged in (f"{data}.{moment}.{signature[:-2]}xx", f"{data[:-1]}.{moment}.{signature}", "nothing"):
        client.get(f"{head}/{forged}", status=404)
        client.post(f"{head}/{forged}", status=404)
        client.post(f"{head}/{forged}".replace("/unsubscribe/", "/subscribe/"), status=404)

    assert choices_of(admin_engine, reader) == {}


def test_one_that_has_expired_is_refused(
    app: Flask, client: Client, reader: User, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = int((datetime.now(UTC) - LINK_LIFETIME - timedelta(minutes=1)).timestamp())
    with monkeypatch.context() as then:
        then.setattr(TimestampSigner, "get_timestamp", lambda _self: long_ago)
        link = link_of(app, reader)

    client.get(link, status=404)
    client.post(link, status=404)

    assert choices_of(admin_engine, reader) == {}


def test_one_of_another_organization_reaches_nobody(
    app: Flask, client: Client, make: Factories, reader: User, admin_engine: Engine
) -> None:
    link = link_of(app, reader, make.organization().id)

    client.get(link, status=404)
    client.post(link, status=404)

    assert choices_of(admin_engine, reader) == {}


def test_who_has_left_is_asked_nothing(app: Flask, client: Client, make: Factories, organization: Organization) -> None:
    person = make.user(organization, role=Role.MANAGER, status="inactive")

    client.get(link_of(app, person), status=404)
