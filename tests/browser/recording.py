"""Shared parts of recorder tests: a phone at an appointment that is recorded, and the uploaded parts."""

from collections.abc import Iterator
from uuid import UUID, uuid4

from flask import Flask
from playwright.sync_api import Page, expect

from app.models import Appointment, RecordingPart, RecordingSession, User
from tests.browser.conftest import OpenTab
from tests.support.client import Client
from tests.support.direct_access import Behind


def at_visit(app: Flask, open_tab: OpenTab, rep: User, visit: Appointment) -> Iterator[Page]:
    """Record the customer's consent by a request; yield a tab on the rep's phone with the page of the recording."""
    consent = {"row_id": str(uuid4()), "consent": "given"}
    begun = Client(app).sign_in(rep).post(f"/appointments/{visit.id}/recordings/new", consent)
    tab = open_tab(rep, width=390)
    tab.context.grant_permissions(["microphone"])
    tab.goto(begun.headers["Location"])
    expect(tab.get_by_role("button", name="Start")).to_be_visible()
    yield tab
    tab.context.set_offline(False)


def start(tab: Page) -> None:
    """Start recording, in pieces of half a second."""
    tab.evaluate("document.querySelector('[data-recorder]').dataset.piece = '500'")
    tab.get_by_role("button", name="Start").click()
    expect(tab.get_by_role("button", name="Stop")).to_be_focused()


def the_recording(tab: Page, behind: Behind) -> RecordingSession:
    """Return the recording that the tab shows."""
    return behind.one(RecordingSession, id=UUID(tab.url.rsplit("/", 1)[1]))


def parts_of(behind: Behind, row: RecordingSession) -> list[int]:
    """Return the numbers of the parts that have arrived."""
    return sorted(part.number for part in behind.rows(RecordingPart, session_id=row.id))
