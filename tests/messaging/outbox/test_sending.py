"""Delivery of a queued message to the mail server: once, or not at all."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import Engine, text

from app.clients.mail import MailRefused, MailServer, MailUnavailable, OutgoingMail
from app.extensions import db
from app.messaging.outbox.jobs import send_mail
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.send_service import send_message
from app.messaging.outbox.service import queue_mail
from app.models import Message, MessageStatus, Organization, User
from app.ops.jobs.worker import run_worker
from app.people.users.access_service import issue_reset_link
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.mail_server import FakeMailServer
from tests.support.work import at_work, both_at_once

LETTER = OutgoingMail("the-id", "dana@example.com", "Grüße", "Hello Dana,\n.\nthat was a line with a dot.")


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization(name="Blue Ridge Air")


@pytest.fixture
def user(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Maya Torres")


@pytest.fixture
def with_server(app: Flask, mail_server: FakeMailServer) -> Iterator[None]:
    """App settings with `SMTP_URL` set to the test's mail server."""
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = before.model_copy(update={"smtp_url": SecretStr(mail_server.url)})
    yield
    app.config["SETTINGS"] = before


@pytest.fixture
def queued(app: Flask, user: User) -> Callable[[], Message]:
    """Function that queues an email, with a link to set a password, to the user."""

    def write() -> Message:
        with at_work(app, user.organization_id):
            person = db.session.get_one(User, (user.organization_id, user.id))
            message = queue_mail(Mail.PASSWORD_RESET, person, link=issue_reset_link(person))
            db.session.expunge(message)
        return message

    return write


@pytest.fixture
def stored(admin_engine: Engine) -> Callable[[], Any]:
    """Function that returns the only message, bypassing the app."""

    def read() -> Any:
        with admin_engine.connect() as connection:
            return connection.execute(text("SELECT * FROM messages")).one()

    return read


def work_off(app: Flask) -> None:
    """Have a worker send the emails whose jobs are pending."""
    run_worker(app, [send_mail], schedule=(), until_idle=True)


@pytest.mark.usefixtures("with_server")
def test_a_message_is_sent_by_its_job(
    app: Flask, queued: Callable[[], Message], mail_server: FakeMailServer, stored: Callable[[], Any], user: User
) -> None:
    message = queued()

    work_off(app)

    (mail,) = mail_server.mails
    assert mail_server.receivers == [user.email]
    assert mail["Subject"] == "Reset your Switchboard password"
    assert "Hello Maya Torres," in mail.get_content()
    assert "http://127.0.0.1:8000/password/" in mail.get_content()
    assert str(message.id) in mail["Message-ID"]
    after = stored()
    assert (after.status, after.provider_sid, after.link_secret) == (MessageStatus.SENT, mail["Message-ID"], None)


@pytest.mark.usefixtures("with_server")
def test_an_email_has_the_correlation_id_of_the_request_behind_its_job(
    app: Flask, client: Client, mail_server: FakeMailServer, user: User
) -> None:
    client.post("/login/forgot", {"email": user.email}, headers={"X-Correlation-ID": "ticket-4711"}, status=200)
    work_off(app)

    assert [mail["X-Correlation-ID"] for mail in mail_server.mails] == ["ticket-4711"]


@pytest.mark.usefixtures("with_server")
def test_asked_for_twice_it_is_sent_once(
    app: Flask, queued: Callable[[], Message], mail_server: FakeMailServer
) -> None:
    message = queued()

    refused = both_at_once(
        app, message.organization_id, lambda: send_message(message.id), lambda: send_message(message.id)
    )
    work_off(app)

    assert refused == []
    assert len(mail_server.mails) == 1


def test_without_a_server_it_waits_and_no_job_is_asked_for(
    app: Flask, queued: Callable[[], Message], stored: Callable[[], Any], admin_engine: Engine
) -> None:
    queued()

    with admin_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM jobs")) == 0
    assert stored().status == MessageStatus.QUEUED


@pytest.mark.usefixtures("with_server")
def test_what_is_refused_for_good_is_failed_with_the_reply(
    app: Flask, queued: Callable[[], Message], mail_server: FakeMailServer, stored: Callable[[], Any]
) -> None:
    mail_server.replies["RCPT"] = "550 no such mailbox"
    queued()

    work_off(app)

    assert (stored().status, stored().error_code) == (MessageStatus.FAILED, "550")


@pytest.mark.usefixtures("with_server")
def test_what_is_put_off_stays_queued(
    app: Flask, queued: Callable[[], Message], mail_server: FakeMailServer, stored: Callable[[], Any]
) -> None:
    mail_server.replies["RCPT"] = "451 come back later"
    message = queued()

    with pytest.raises(MailUnavailable), at_work(app, message.organization_id):
        send_message(message.id)

    assert stored().status == MessageStatus.QUEUED


class TestClient:
    """The SMTP client alone, and its handling of the server's replies."""

    def test_text_arrives_as_it_was_written(self, mail_server: FakeMailServer) -> None:
        MailServer.at(mail_server.url, "Switchboard <calls@here.example>").send(LETTER)

        (mail,) = mail_server.mails
        assert mail.get_content().replace("\r\n", "\n").strip() == LETTER.text
        assert (mail["Subject"], mail["From"]) == ("Grüße", "Switchboard <calls@here.example>")
        assert mail["Message-ID"] == "<the-id@here.example>"

    @pytest.mark.parametrize(
        ("command", "reply", "error"),
        [
            ("MAIL", "554 go away", MailRefused),
            ("MAIL", "421 too busy", MailUnavailable),
            ("DATA", "552 too large", MailRefused),
            ("EHLO", "421 too busy", MailUnavailable),
        ],
    )
    def test_a_refusal_is_final_or_not(
        self, mail_server: FakeMailServer, command: str, reply: str, error: type[Exception]
    ) -> None:
        mail_server.replies |= {command: reply, "HELO": reply}

        with pytest.raises(error):
            MailServer.at(mail_server.url, "calls@here.example").send(LETTER)

    def test_nobody_there_is_no_refusal(self) -> None:
        with pytest.raises(MailUnavailable):
            MailServer.at("smtp://127.0.0.1:1", "calls@here.example").send(LETTER)

    def test_a_password_is_sent_over_tls_only(self, mail_server: FakeMailServer) -> None:
        mail_server.replies["STARTTLS"] = "502 not here"
        url = mail_server.url.replace("smtp://", "smtp://me:hunter2@")

        with pytest.raises(MailUnavailable):
            MailServer.at(url, "calls@here.example").send(LETTER)

        assert mail_server.mails == []

    def test_a_line_break_in_a_header_is_refused(self, mail_server: FakeMailServer) -> None:
        sneaky = OutgoingMail("id", "dana@example.com", "Hello\r\nBcc: all@here.example", "text")

        with pytest.raises(ValueError, match="linefeed"):
            MailServer.at(mail_server.url, "calls@here.example").send(sneaky)

    def test_its_repr_holds_no_password(self) -> None:
        assert "hunter2" not in repr(MailServer.at("smtps://me:hunter2@here.example", "calls@here.example"))
