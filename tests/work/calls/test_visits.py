"""Recorded visits: who can hear them, and their end when the recording is deleted."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Call, Organization, RecordingSession, Role, User
from app.storage import new_key, storage
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import text_of
from tests.work.calls.reading import ids, open_call, shown

SAID = [{"speaker": "rep", "start": 0.0, "end": 4.0, "text": "The whole furnace is 20 years old."}]
COMPLETED = {"status": "completed", "completed_at": DAY}
FOUND_BY = ("sentiment=negative", "objection=too_expensive", "analysed=yes")


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.SALES_REP)


@pytest.fixture
def visit(app: Flask, make: Factories, organization: Organization, rep: User) -> Call:
    """A recorded visit of the rep, with audio, transcript and analysis."""
    key = new_key(organization.id, "recordings") + ".wav"
    with app.app_context():
        storage().save(key, io.BytesIO(b"sound"), max_bytes=5)
    call = make.call(organization, call_type="visit_call", assigned_rep_id=rep.id, sentiment="negative", audio_url=key)
    make.transcript(call, speaker_labels=SAID)
    make.analysis(call, summary="Wants a second offer.", objections=[{"category": "too_expensive"}])
    return call


@pytest.fixture
def recording(make: Factories, organization: Organization, visit: Call, rep: User) -> RecordingSession:
    """The recording of the visit, alongside a deleted one of the same rep."""
    make.recording(make.appointment(organization), rep, deleted_at=DAY)
    return make.recording(make.appointment(organization, sales_rep_id=rep.id), rep, call_id=visit.id)


def delete(engine: Engine, recording: RecordingSession) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE recording_sessions SET deleted_at = now() WHERE id = :id"), {"id": recording.id}
        )


def assert_hears(client: Client, visit: Call, *, hears: bool) -> None:
    """Assert that the user has access to the visit's contents, or has none if `hears` is False.

    They appear on the page and in the list, match its filters, and can be played.
    """
    page = open_call(client, visit)
    assert ("The whole furnace" in page.text) is hears
    assert ("Wants a second offer." in page.text) is hears
    assert bool(page.all(".//audio")) is hears
    client.get(f"/calls/{visit.id}/audio", status=200 if hears else 404, buffered=True)
    assert ("Negative" in text_of(client.get("/calls").one(".//tbody/tr"))) is hears
    for query in FOUND_BY:
        assert shown(client.get(f"/calls?{query}")) == (ids(visit) if hears else [])


def test_the_rep_and_the_managers_hear_a_visit_until_its_recording_is_deleted(
    client: Client,
    new_client: Callable[[], Client],
    admin_engine: Engine,
    rep: User,
    manager: User,
    visit: Call,
    recording: RecordingSession,
) -> None:
    clients = [client.sign_in(rep), new_client().sign_in(manager)]
    for one in clients:
        assert_hears(one, visit, hears=True)

    delete(admin_engine, recording)

    for one in clients:
        assert_hears(one, visit, hears=False)
        assert "was deleted" in open_call(one, visit).text


def test_a_rep_does_not_hear_what_a_colleague_recorded_on_a_visit_that_was_passed_on(
    client: Client, make: Factories, organization: Organization, visit: Call, rep: User
) -> None:
    colleague = make.user(organization, Role.SALES_REP)
    make.recording(make.appointment(organization), colleague, call_id=visit.id)

    assert_hears(client.sign_in(rep), visit, hears=False)


def test_a_deleted_recording_of_one_visit_leaves_another_be(
    client: Client, make: Factories, organization: Organization, manager: User, visit: Call, rep: User
) -> None:
    other = make.call(organization, call_type="visit_call", started_at=DAY.replace(year=2025))
    make.recording(make.appointment(organization), rep, call_id=other.id, deleted_at=DAY)

    client.sign_in(manager)

    assert shown(client.get("/calls?sentiment=negative")) == ids(visit)
    assert "The whole furnace" in open_call(client, visit).text


@pytest.mark.parametrize(
    ("came", "told"),
    [
        ({}, ["Scheduled"]),
        ({"status": "no_show"}, ["No-show"]),
        (COMPLETED, ["Pending"]),
        ({**COMPLETED, "outcome": "closed_won", "outcome_at": DAY, "deal_value": 7450}, ["Won", "$7,450"]),
        (
            {**COMPLETED, "outcome": "closed_lost", "outcome_at": DAY, "lost_reason": "Has a cheaper offer"},
            ["Lost", "Has a cheaper offer"],
        ),
    ],
)
@pytest.mark.parametrize("is_deleted", [False, True], ids=["recorded", "recording deleted"])
def test_a_recorded_visit_says_what_came_of_the_visit(
    client: Client,
    make: Factories,
    organization: Organization,
    rep: User,
    visit: Call,
    came: dict[str, Any],
    told: list[str],
    is_deleted: bool,
) -> None:
    appointment = make.appointment(organization, sales_rep_id=rep.id, service_type="Roof", **came)
    make.recording(appointment, rep, call_id=visit.id, deleted_at=DAY if is_deleted else None)

    result = open_call(client.sign_in(rep), visit).one(".//div[@id='call-result']")

    assert "booking" not in text_of(result).lower()
    [link] = result.findall(".//a")
    assert link.get("href") == f"/appointments/{appointment.id}"
    values = [text_of(value) for value in result.iter("dd")]
    assert values[0].endswith("Roof")
    assert values[1:] == told
    assert not result.findall(".//form")


def test_a_recorded_visit_of_a_colleague_or_in_the_trash_stays_closed(
    client: Client,
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    rep: User,
    manager: User,
    visit: Call,
    admin_engine: Engine,
) -> None:
    passed_on = make.appointment(organization, sales_rep_id=make.user(organization, Role.SALES_REP).id)
    make.recording(passed_on, rep, call_id=visit.id)
    address = f"/appointments/{passed_on.id}"

    assert address not in open_call(client.sign_in(rep), visit).html
    as_manager = new_client().sign_in(manager)
    assert address in open_call(as_manager, visit).html
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE appointments SET deleted_at = now() WHERE id = :id"), {"id": passed_on.id})
    assert address not in open_call(as_manager, visit).html


def test_what_an_analysis_said_of_a_booking_stays_beside_what_came_of_the_visit(
    client: Client, make: Factories, organization: Organization, manager: User, rep: User
) -> None:
    booked = make.call(organization, call_type="visit_call", booking_status="booked", booking_status_source="analysis")
    make.recording(make.appointment(organization, sales_rep_id=rep.id), rep, call_id=booked.id)

    result = open_call(client.sign_in(manager), booked).one(".//div[@id='call-result']")

    assert [form.get("action") for form in result.findall(".//form")] == [f"/calls/{booked.id}/booking-status"]


@pytest.mark.parametrize(("call_type", "feeds"), [("csr_call", True), ("sales_call", True), ("visit_call", False)])
def test_no_visit_feeds_the_booking_rate(
    client: Client, make: Factories, organization: Organization, manager: User, call_type: str, feeds: bool
) -> None:
    call = make.call(organization, call_type=call_type)

    assert ("Booking status is used in the CSR dashboard" in open_call(client.sign_in(manager), call).text) is feeds
