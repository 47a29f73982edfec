"""Outcomes of an appointment that are sent later than they happened.

The audit trail has both times, and each outcome is stored once.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from app.db.ids import uuid7
from app.models import Appointment, ContactCard, Organization, User
from tests.support.client import Client
from tests.support.factories import Factories

ZONE = ZoneInfo("America/New_York")
#: The day of the appointment, whose midnight is far from any test's time.
DAY = date(2026, 3, 18)
NINE = datetime.combine(DAY, time(9), ZONE)


@pytest.fixture
def visit(make: Factories, organization: Organization, rep: User, contact: ContactCard) -> Appointment:
    """The rep's appointment at nine o'clock in New York."""
    return make.appointment(
        organization,
        contact=contact,
        sales_rep_id=rep.id,
        scheduled_start_at=NINE,
        scheduled_end_at=NINE + timedelta(hours=1),
        timezone="America/New_York",
    )


@pytest.fixture
def told(admin_engine: Engine) -> Any:
    """Function that returns (action, time of occurrence, delay) of a record's audit entries.

    Entries without a time of occurrence are omitted.
    """

    def read(id_: UUID) -> list[tuple[str, datetime, timedelta]]:
        query = text(
            "SELECT action, metadata->>'occurredAt', created_at FROM audit_logs"
            " WHERE resource_id = :id AND metadata ? 'occurredAt' ORDER BY created_at, id"
        )
        with admin_engine.connect() as connection:
            rows = connection.execute(query, {"id": id_}).all()
        happened = [(action, datetime.fromisoformat(at), came) for action, at, came in rows]
        return [(action, at, came - at) for action, at, came in happened]

    return read


def form_of(client: Client, visit: Appointment, step: str) -> tuple[str, dict[str, str]]:
    """Return the action and fields of a form on the rep's page of the day."""
    action = f"/appointments/{visit.id}/{step}"
    return action, client.get(f"/rep?day={DAY}").fields(action)


@pytest.mark.parametrize(
    ("step", "typed", "actions"),
    [
        ("won", {"deal_value": "4200"}, ["appointment.completed", "appointment.outcome.set"]),
        ("lost", {"lost_reason": "Too dear"}, ["appointment.completed", "appointment.outcome.set"]),
        ("complete", {}, ["appointment.completed"]),
        ("no-show", {}, ["appointment.missed"]),
    ],
)
def test_the_trail_says_when_it_happened_and_when_it_came_and_twice_is_once(
    client: Client, rep: User, visit: Appointment, told: Any, step: str, typed: dict[str, str], actions: list[str]
) -> None:
    action, fields = form_of(client.sign_in(rep), visit, step)
    sent = {**fields, **typed, "occurred_at": "2026-03-18T10:05:00-04:00"}
    for _ in range(2):
        client.post(action, sent)

    entries = told(visit.id)
    assert [one for one, _at, _later in entries] == actions
    assert {at for _one, at, _later in entries} == {datetime(2026, 3, 18, 14, 5, tzinfo=UTC)}
    assert all(later > timedelta(days=1) for _one, _at, later in entries)


def test_midnight_where_the_visit_is_counts(client: Client, rep: User, visit: Appointment, told: Any) -> None:
    action, fields = form_of(client.sign_in(rep), visit, "complete")

    too_early = client.post(action, {**fields, "occurred_at": "2026-03-18T03:59:59Z"}, status=400)
    assert "the time it reported is too early" in too_early.text
    client.post(action, {**fields, "occurred_at": "2026-03-18T04:00:00Z"})
    assert [at for _one, at, _later in told(visit.id)] == [datetime(2026, 3, 18, 4, tzinfo=UTC)]


def test_a_clock_that_is_a_little_ahead_is_set_right(client: Client, rep: User, visit: Appointment, told: Any) -> None:
    action, fields = form_of(client.sign_in(rep), visit, "complete")
    ahead = datetime.now(UTC) + timedelta(minutes=2)
    client.post(action, {**fields, "occurred_at": ahead.isoformat()})

    [(_action, at, later)] = told(visit.id)
    assert at < ahead
    assert timedelta(0) <= later < timedelta(minutes=2)


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2999-01-01T00:00:00Z", "in the future"),
        ("2026-03-18T10:05:00", "This form is incomplete"),
        ("0001-01-01T00:00:00+23:59", "This form is incomplete"),
        ("yesterday", "This form is incomplete"),
    ],
)
def test_any_other_moment_is_refused_and_nothing_stored(
    client: Client, rep: User, visit: Appointment, admin_engine: Engine, moment: str, sentence: str
) -> None:
    action, fields = form_of(client.sign_in(rep), visit, "won")
    page = client.post(action, {**fields, "deal_value": "4200", "occurred_at": moment}, status=400)

    assert sentence in page.text
    assert page.fields(action)["deal_value"] == "4200"
    with admin_engine.connect() as connection:
        status = text("SELECT status FROM appointments WHERE id = :id")
        assert connection.scalar(status, {"id": visit.id}) == "scheduled"


def test_what_was_entered_is_shown_where_the_visit_was_called_off_meanwhile(
    client: Client, rep: User, visit: Appointment, admin_engine: Engine
) -> None:
    action, fields = form_of(client.sign_in(rep), visit, "won")
    with admin_engine.begin() as connection:
        called_off = text(
            "UPDATE appointments SET status = 'cancelled', cancelled_reason = 'Sold', version = version + 1"
            " WHERE id = :id"
        )
        connection.execute(called_off, {"id": visit.id})

    page = client.post(action, {**fields, "deal_value": "4200"}, status=409)

    assert "Your unsaved values Deal value 4200" in page.text


class TestNotes:
    def test_one_is_written_from_the_day_and_twice_is_once(
        self, client: Client, rep: User, visit: Appointment, contact: ContactCard, told: Any, admin_engine: Engine
    ) -> None:
        action = f"/contacts/{contact.id}/notes"
        fields = client.sign_in(rep).get(f"/rep?day={DAY}").fields(action)
        happened = contact.created_at + timedelta(microseconds=1)
        sent = {**fields, "body": "Two dogs.", "occurred_at": happened.isoformat()}
        answers = [client.post(action, sent).headers["Location"] for _ in range(2)]

        assert answers == [f"/rep?day={DAY}"] * 2
        [(named, at, _later)] = told(UUID(fields["row_id"]))
        assert (named, at) == ("contact_note.created", happened.replace(microsecond=0).astimezone(UTC))
        with admin_engine.connect() as connection:
            notes = text("SELECT body FROM contact_notes WHERE contact_card_id = :id")
            assert connection.scalars(notes, {"id": contact.id}).all() == ["Two dogs."]

    def test_none_is_older_than_its_contact(
        self, client: Client, rep: User, visit: Appointment, contact: ContactCard
    ) -> None:
        action = f"/contacts/{contact.id}/notes"
        client.sign_in(rep).get(f"/rep?day={DAY}")
        before = (contact.created_at - timedelta(seconds=1)).isoformat()
        sent = {"row_id": str(uuid7()), "body": "Two dogs.", "occurred_at": before}

        assert "Two dogs." in client.post(action, sent, status=400).html
