"""Busy times: events and appointments of a person can't overlap, and the database enforces it."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.db.context import Context, use_context
from app.db.embedded import SUPERUSER
from app.db.session import jobs_role
from app.db.transaction import translated_integrity_errors
from app.errors import EventTimeConflict, UserNotAvailable
from app.extensions import db
from app.models import Appointment, Event, Organization, Role, User
from tests.support.database import WorkerDatabase
from tests.support.factories import DAY, Factories

HOUR = timedelta(hours=1)
RACERS = 8


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.SALES_REP, name="Rosa Rep")


@pytest.fixture
def other(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.SALES_REP)


@pytest.fixture
def owner(database: WorkerDatabase, clean_database: None) -> Iterator[psycopg.Connection]:
    """A connection as the owner of the tables, in autocommit mode."""
    with psycopg.connect(database.url("app_owner"), autocommit=True) as connection:
        yield connection


def taken(connection: psycopg.Connection, user: User) -> list[tuple[str, datetime, datetime]]:
    """Return the source, start and end of each of this person's busy times."""
    rows = connection.execute(
        "SELECT source, lower(range), upper(range) FROM busy_times WHERE user_id = %s ORDER BY 2", [user.id]
    )
    return [(source, start, end) for source, start, end in rows]


def refused_by(connection: psycopg.Connection, statement: str, values: list[Any]) -> str | None:
    with pytest.raises(psycopg.errors.ExclusionViolation) as refused:
        connection.execute(statement, values)
    return refused.value.diag.constraint_name


def test_an_event_takes_the_time_of_its_organizer_and_of_all_who_attend(
    make: Factories, owner: psycopg.Connection, organization: Organization, rep: User, other: User
) -> None:
    event = make.event(organization, rep)
    make.attendee(event, rep)
    make.attendee(event, other)

    assert taken(owner, rep) == [("event", DAY, DAY + HOUR)]
    assert taken(owner, other) == [("event", DAY, DAY + HOUR)]


def test_what_the_app_books_takes_time_and_what_it_deletes_gives_it_back(
    app: Flask, make: Factories, owner: psycopg.Connection, organization: Organization, rep: User
) -> None:
    calendar = make.calendar(organization)
    event = Event(
        organization_id=organization.id,
        calendar_id=calendar.id,
        organizer_id=rep.id,
        type="meeting",
        title="Ride along",
        start_at=DAY,
        end_at=DAY + HOUR,
        timezone="America/New_York",
    )
    with app.app_context(), use_context(Context(organization_id=organization.id)):
        db.session.add(event)
        db.session.commit()
        booked = taken(owner, rep)
        with jobs_role():
            db.session.delete(event)
            db.session.commit()

    assert booked == [("event", DAY, DAY + HOUR)]
    assert taken(owner, rep) == []


def test_who_books_a_taken_time_reads_whose_it_is_and_for_what(
    app: Flask, make: Factories, organization: Organization, rep: User
) -> None:
    event = make.event(organization, rep, title="Ride along", start_at=DAY + HOUR)
    contact = make.contact(organization)
    appointment = Appointment(
        organization_id=organization.id,
        contact_card_id=contact.id,
        sales_rep_id=rep.id,
        service_type="Furnace repair",
        scheduled_start_at=DAY,
        scheduled_end_at=DAY + 2 * HOUR,
        timezone="America/New_York",
    )
    with app.app_context(), use_context(Context(organization_id=organization.id)):
        with pytest.raises(EventTimeConflict) as refused, translated_integrity_errors():
            db.session.add(appointment)
        db.session.rollback()

    assert str(refused.value.message) == "Rosa Rep isn’t available then: Ride along."
    assert refused.value.extra["other_party"] == {
        "id": str(event.id),
        "type": "event",
        "name": "Ride along",
        "start": "2026-03-18T17:00:00Z",
        "end": "2026-03-18T18:00:00Z",
        "person": {"id": str(rep.id), "name": "Rosa Rep"},
    }


def test_who_books_somebody_who_is_off_reads_that_they_are_not_available(
    app: Flask, make: Factories, organization: Organization, rep: User, other: User
) -> None:
    make.event(organization, rep, type="time_off", title="Wedding")
    meeting = make.event(organization, other)
    with app.app_context(), use_context(Context(organization_id=organization.id)):
        with pytest.raises(UserNotAvailable) as refused, translated_integrity_errors():
            db.session.get_one(Event, (organization.id, meeting.id)).organizer_id = rep.id
        db.session.rollback()

    assert str(refused.value.message) == "Rosa Rep has time off then: Wedding."


def test_one_thing_may_begin_where_another_ends(make: Factories, organization: Organization, rep: User) -> None:
    make.event(organization, rep)

    assert make.event(organization, rep, start_at=DAY + HOUR).start_at == DAY + HOUR


@pytest.mark.parametrize(
    "freed",
    [
        "UPDATE appointments SET status = 'cancelled' WHERE id = %s",
        "UPDATE appointments SET status = 'no_show' WHERE id = %s",
        "UPDATE appointments SET deleted_at = now() WHERE id = %s",
        "UPDATE appointments SET sales_rep_id = NULL WHERE id = %s",
        "UPDATE appointments SET external_source = 'crm', external_id = '7' WHERE id = %s",
        "UPDATE appointments SET scheduled_start_at = '2026-03-17', scheduled_end_at = '2026-03-18' WHERE id = %s",
        "DELETE FROM appointments WHERE id = %s",
    ],
)
def test_an_appointment_that_goes_frees_its_time(
    make: Factories, owner: psycopg.Connection, organization: Organization, rep: User, freed: str
) -> None:
    appointment = make.appointment(organization, sales_rep_id=rep.id)
    owner.execute(freed, [appointment.id])

    assert make.event(organization, rep).organizer_id == rep.id


@pytest.mark.parametrize(
    "freed",
    [
        "UPDATE events SET status = 'cancelled' WHERE id = %s",
        "UPDATE events SET status = 'tentative' WHERE id = %s",
        "UPDATE events SET deleted_at = now() WHERE id = %s",
        "UPDATE events SET start_at = start_at + interval '1 day', end_at = end_at + interval '1 day' WHERE id = %s",
        "DELETE FROM event_attendees WHERE event_id = %s",
        "DELETE FROM events WHERE id = %s",
    ],
)
def test_an_event_that_goes_frees_the_time_of_those_who_attend(
    make: Factories, owner: psycopg.Connection, organization: Organization, rep: User, other: User, freed: str
) -> None:
    event = make.event(organization, other)
    make.attendee(event, rep)
    owner.execute(freed, [event.id])

    assert make.appointment(organization, sales_rep_id=rep.id).sales_rep_id == rep.id


def test_what_comes_back_is_refused_when_its_time_was_given_away(
    make: Factories, owner: psycopg.Connection, organization: Organization, rep: User
) -> None:
    deleted = make.event(organization, rep, deleted_at=DAY)
    cancelled = make.appointment(organization, sales_rep_id=rep.id, status="cancelled")
    tentative = make.event(organization, rep, status="tentative")
    make.appointment(organization, sales_rep_id=rep.id)

    for statement, row in (
        ("UPDATE events SET deleted_at = NULL WHERE id = %s", deleted),
        ("UPDATE appointments SET status = 'scheduled' WHERE id = %s", cancelled),
        ("UPDATE events SET status = 'confirmed' WHERE id = %s", tentative),
    ):
        assert refused_by(owner, statement, [row.id]) == "event_time_conflict"


def test_an_attendee_a_new_organizer_and_a_new_rep_are_refused_like_a_new_event(
    make: Factories, owner: psycopg.Connection, organization: Organization, rep: User, other: User
) -> None:
    make.event(organization, rep)
    event = make.event(organization, other)
    visit = make.appointment(organization)

    attend = "INSERT INTO event_attendees (organization_id, id, event_id, user_id) VALUES (%s, %s, %s, %s)"
    values = [organization.id, organization.id, event.id, rep.id]
    assert refused_by(owner, attend, values) == "event_time_conflict"
    organize = "UPDATE events SET organizer_id = %s WHERE id = %s"
    assert refused_by(owner, organize, [rep.id, event.id]) == "event_time_conflict"
    assign = "UPDATE appointments SET sales_rep_id = %s WHERE id = %s"
    assert refused_by(owner, assign, [rep.id, visit.id]) == "event_time_conflict"
    assert taken(owner, other) == [("event", DAY, DAY + HOUR)]


def test_the_organizer_who_also_attends_stays_busy_when_they_no_longer_attend(
    make: Factories, owner: psycopg.Connection, organization: Organization, rep: User
) -> None:
    make.attendee(make.event(organization, rep), rep)
    owner.execute("DELETE FROM event_attendees")

    assert taken(owner, rep) == [("event", DAY, DAY + HOUR)]


def test_an_event_that_becomes_time_off_says_so_from_then_on(
    make: Factories, owner: psycopg.Connection, organization: Organization, rep: User
) -> None:
    make.event(organization, rep)
    owner.execute("UPDATE events SET type = 'time_off'")

    assert taken(owner, rep) == [("time_off", DAY, DAY + HOUR)]


def test_imported_appointments_may_overlap(make: Factories, organization: Organization, rep: User) -> None:
    make.appointment(organization, sales_rep_id=rep.id)
    imported = make.appointment(organization, sales_rep_id=rep.id, external_source="crm", external_id="1")

    assert imported.external_id == "1"


def test_what_was_booked_twice_before_the_rule_can_still_be_completed_but_not_moved(
    database: WorkerDatabase, make: Factories, owner: psycopg.Connection, organization: Organization, rep: User
) -> None:
    make.appointment(organization, sales_rep_id=rep.id)
    twice = make.appointment(organization, sales_rep_id=rep.id, external_source="crm", external_id="1")
    with psycopg.connect(database.url(SUPERUSER)) as past:
        past.execute("SET session_replication_role = replica")  # as if the triggers didn't exist yet
        past.execute("UPDATE appointments SET external_source = NULL, external_id = NULL WHERE id = %s", [twice.id])

    done = owner.execute("UPDATE appointments SET status = 'completed', completed_at = now() WHERE id = %s", [twice.id])
    assert done.rowcount == 1
    move = "UPDATE appointments SET scheduled_end_at = scheduled_end_at + interval '5 minutes' WHERE id = %s"
    assert refused_by(owner, move, [twice.id]) == "event_time_conflict"


def test_the_same_times_in_another_organization_and_of_another_person_are_free(
    make: Factories, organization: Organization, rep: User, other: User
) -> None:
    make.event(organization, rep)
    elsewhere = make.organization()
    namesake = make.user(elsewhere, id=rep.id)  # ids are unique within an organization only

    assert make.event(organization, other).organizer_id == other.id
    assert make.event(elsewhere, namesake).organization_id == elsewhere.id


def test_the_app_reads_busy_times_and_writes_none(database: WorkerDatabase) -> None:
    for statement in ("DELETE FROM busy_times", "UPDATE busy_times SET source = 'event'"):
        with psycopg.connect(database.url("app_rw")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


BOOK = (
    "INSERT INTO appointments (organization_id, id, contact_card_id, sales_rep_id, service_type, scheduled_start_at,"
    " scheduled_end_at, timezone) VALUES (%s, gen_random_uuid(), %s, %s, 'Repair', %s, %s, 'America/New_York')"
)


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
def test_of_many_who_book_one_rep_at_once_one_gets_the_time(
    database: WorkerDatabase, make: Factories, organization: Organization, rep: User, isolation: str
) -> None:
    contact = make.contact(organization)
    start_line = threading.Barrier(RACERS)
    outcomes: list[str] = []

    def book(number: int) -> None:
        start = DAY + number * timedelta(minutes=5)
        with psycopg.connect(database.url("app_owner")) as connection:
            connection.execute(f"SET default_transaction_isolation = '{isolation}'")
            connection.commit()
            connection.execute("SELECT FROM users")  # takes the snapshot of the stricter levels
            start_line.wait(timeout=20)
            try:
                connection.execute(BOOK, [organization.id, contact.id, rep.id, start, start + HOUR])
                connection.commit()
                outcomes.append("booked")
            except (psycopg.errors.ExclusionViolation, psycopg.errors.SerializationFailure) as error:
                outcomes.append(error.diag.constraint_name or "again")

    racers = [threading.Thread(target=book, args=(number,)) for number in range(RACERS)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(timeout=30)

    assert len(outcomes) == RACERS
    assert outcomes.count("booked") == 1
    if isolation == "read committed":
        assert outcomes.count("event_time_conflict") == RACERS - 1


def test_who_joins_an_event_that_is_just_being_moved_is_busy_at_its_new_time(
    database: WorkerDatabase,
    make: Factories,
    owner: psycopg.Connection,
    organization: Organization,
    rep: User,
    other: User,
) -> None:
    event = make.event(organization, other)
    joined = threading.Event()

    def join() -> None:
        with psycopg.connect(database.url("app_owner")) as joining:
            joining.execute(
                "INSERT INTO event_attendees (organization_id, id, event_id, user_id)"
                " VALUES (%s, gen_random_uuid(), %s, %s)",
                [organization.id, event.id, rep.id],
            )
        joined.set()

    with psycopg.connect(database.url("app_owner")) as moving:
        moving.execute("UPDATE events SET start_at = start_at + interval '1 day', end_at = end_at + interval '1 day'")
        thread = threading.Thread(target=join)
        thread.start()
        assert not joined.wait(timeout=0.3)  # waits for the event
        moving.commit()
        thread.join(timeout=10)

    assert taken(owner, rep) == [("event", DAY + 24 * HOUR, DAY + 25 * HOUR)]
