"""A mail server that speaks SMTP, and emails for it to receive."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.db.context import Context
from app.db.session import organization_scope
from app.extensions import db
from app.messaging.outbox.mails import LINK_PAGES, Mail
from app.messaging.outbox.service import queue_mail
from app.models import Message, User
from app.security.tokens import Token
from tests.support.factories import Factories
from tests.support.mail_server import FakeMailServer

#: Values for the placeholders of all mails.
VALUES: dict[str, Any] = {
    "sender": "Ada Admin",
    "inviter": "Ada Admin",
    "name": "Maya Torres",
    "old": "maya@old.example",
    "new": "maya@new.example",
    "items": [("A task was assigned to you.", "http://127.0.0.1:8000/tasks/1")],
    "more": 2,
    "choices": "http://127.0.0.1:8000/notifications#kinds",
    "changes": ["Calls: 45 days instead of 730"],
    "at": datetime(2026, 11, 20, 12, tzinfo=UTC),
}


@pytest.fixture
def mail_server() -> Iterator[FakeMailServer]:
    """A mail server that runs during the test."""
    with FakeMailServer() as server:
        yield server


@pytest.fixture
def written(app: Flask, make: Factories) -> Callable[..., Message]:
    """Function that queues an email: `written(Mail.WELCOME, language="ru", ip_address=…)`.

    The keyword arguments after the language are what is known of the request that caused it.
    """

    def write(mail: Mail, language: str = "en", **request: Any) -> Message:
        organization = make.organization(name="Blue Ridge Air", timezone="America/Denver")
        user = make.user(organization, name="Maya Torres", language=language)
        context = Context(organization_id=organization.id, **request)
        with app.app_context(), organization_scope(context, db.session):
            person = db.session.get_one(User, (organization.id, user.id))
            link = Token.new(organization.id) if mail in LINK_PAGES else None
            message = queue_mail(mail, person, link=link, **VALUES)
            db.session.refresh(message)
            db.session.expunge(message)
        return message

    return write
