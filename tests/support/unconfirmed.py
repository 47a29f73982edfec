"""Requests from a session that was confirmed too long ago for acts that need a confirmation."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text, update

from app.models import UserSession
from tests.support.client import Client
from tests.support.pages import Page

_LATER = "/account/confirm?next="


def aged(client: Client, engine: Engine) -> Client:
    """Set the confirmation of all sessions to a quarter of an hour ago, and return the client."""
    with engine.begin() as connection:
        connection.execute(update(UserSession).values(confirmed_at=datetime.now(UTC) - timedelta(minutes=15)))
    return client


def answer_to(client: Client, method: str, url: str, data: Mapping[str, Any] | None = None) -> Page:
    """Return the response to a request without checking its status."""
    return client.look_at(url) if method == "GET" else client.answer_of(url, data or {})


def is_question(page: Page) -> bool:
    """Return whether a response is the page that asks for the password, or leads to it."""
    if page.status == 303:
        return str(page.headers["Location"]).startswith(_LATER)
    return page.status == 403 and page.heading == "Confirm it’s you"


def asks(client: Client, method: str, url: str, data: Mapping[str, Any] | None = None) -> bool:
    """Return whether a request leads to the page that asks for the password."""
    return is_question(answer_to(client, method, url, data))


def count_changes(engine: Engine) -> int:
    """Return the number of changes in the trail."""
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM audit_logs WHERE action <> 'permission.refused'")))
