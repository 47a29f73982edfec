"""Facts that the app passes to the audit trail, and the entries that the database writes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.exc import ProgrammingError

from app.audit.actions import Action
from app.audit.record import name_action, record_apart, record_event
from app.db.context import Context, use_context
from app.db.ids import uuid7
from app.extensions import db
from app.models import AuditLog, BookingStatus, Call, Organization, UserSession
from tests.support.factories import DAY, Factories

Trail = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def call(make: Factories, organization: Organization) -> Call:
    return make.call(organization)


@pytest.fixture
def _at_work(app: Flask, organization: Organization) -> Iterator[None]:
    """Context of a user at work in the organization, rolled back at the end."""
    context = Context(organization_id=organization.id, actor_label="Ann", source="user", request_id="request-1")
    with app.app_context(), use_context(context):
        yield
        db.session.rollback()


@pytest.fixture
def trail(admin_engine: Engine, organization: Organization) -> Trail:
    """Function that returns the entries recorded under the user's name, oldest first."""

    def read() -> list[dict[str, Any]]:
        recorded = (
            select(AuditLog.__table__)
            .where(AuditLog.organization_id == organization.id, AuditLog.actor_label == "Ann")
            .order_by(AuditLog.created_at, AuditLog.id)
        )
        with admin_engine.connect() as connection:
            return [dict(row) for row in connection.execute(recorded).mappings()]

    return read


@pytest.mark.usefixtures("_at_work")
class TestEvent:
    """An audit trail entry about something that changes no row."""

    def test_event_stays_with_its_transaction(self, trail: Trail, call: Call) -> None:
        record_event(Action.CALLS_EXPORTED, "call", call.id, {"rows": 3})
        assert trail() == []

        db.session.commit()
        [event] = trail()
        assert (event["action"], event["resource_type"], event["resource_id"]) == ("calls.exported", "call", call.id)
        assert event["metadata"] == {"rows": 3}
        assert (event["before"], event["after"]) == (None, None)
        assert event["request_id"] == "request-1"

    def test_event_is_gone_with_its_transaction(self, trail: Trail) -> None:
        record_event(Action.CALLS_EXPORTED, "call")

        db.session.rollback()
        assert trail() == []

    def test_event_apart_stays_whatever_becomes_of_the_rest(self, trail: Trail) -> None:
        record_apart(Action.SESSION_FAILED, "session", metadata={"reason": "password"})

        db.session.rollback()
        assert [event["action"] for event in trail()] == ["session.failed"]

    def test_event_apart_can_be_recorded_while_only_reading(self, trail: Trail, organization: Organization) -> None:
        with use_context(Context(organization_id=organization.id, actor_label="Ann", read_only=True)):
            record_apart(Action.CALLS_EXPORTED, "call")

        assert [event["metadata"] for event in trail()] == [{}]

    def test_event_of_no_organization_is_refused(self) -> None:
        with use_context(Context(actor_label="Ann")), pytest.raises(ProgrammingError, match="no organization"):
            record_apart(Action.SESSION_FAILED, "session")


@pytest.mark.usefixtures("_at_work")
class TestName:
    """A change recorded by the database gets the name of the action it belongs to."""

    @pytest.fixture
    def row(self, call: Call) -> Call:
        """The call as loaded by the app."""
        return db.session.scalars(select(Call).where(Call.id == call.id)).one()

    def test_change_of_the_named_row_has_the_name(self, trail: Trail, row: Call) -> None:
        row.booking_status = BookingStatus.BOOKED
        name_action(Action.CALL_RECLASSIFIED, row)
        db.session.commit()

        [change] = trail()
        assert (change["action"], change["resource_id"]) == ("call.reclassified", row.id)
        assert change["after"]["booking_status"] == "booked"

    def test_other_rows_keep_their_own_name(
        self, trail: Trail, row: Call, make: Factories, organization: Organization
    ) -> None:
        made = make.call(organization)
        other = db.session.scalars(select(Call).where(Call.id == made.id)).one()

        row.booking_status = BookingStatus.BOOKED
        other.topic = "Furnace"
        name_action(Action.CALL_RECLASSIFIED, row)
        db.session.commit()

        assert {change["resource_id"]: change["action"] for change in trail()} == {
            row.id: "call.reclassified",
            other.id: "call.updated",
        }

    def test_several_rows_are_named_one_after_the_other(
        self, trail: Trail, row: Call, make: Factories, organization: Organization
    ) -> None:
        made = make.call(organization)
        other = db.session.scalars(select(Call).where(Call.id == made.id)).one()

        for named in (row, other):
            named.booking_status = BookingStatus.BOOKED
            name_action(Action.CALL_RECLASSIFIED, named)
        db.session.commit()

        assert [change["action"] for change in trail()] == ["call.reclassified"] * 2

    def test_new_row_can_be_named(self, trail: Trail, organization: Organization, make: Factories) -> None:
        user = make.user(organization)
        session = UserSession(
            organization_id=organization.id,
            id=uuid7(),
            user_id=user.id,
            token_hash=b"digest",
            last_seen_at=DAY,
            expires_at=DAY,
        )

        db.session.add(session)
        name_action(Action.SESSION_STARTED, session)
        db.session.commit()

        [change] = trail()
        assert (change["action"], change["resource_type"]) == ("session.started", "session")
        assert change["after"]["token_hash"] == "[redacted]"

    def test_name_ends_with_its_transaction(self, trail: Trail, row: Call) -> None:
        row.booking_status = BookingStatus.BOOKED
        name_action(Action.CALL_RECLASSIFIED, row)
        db.session.commit()
        row.topic = "Furnace"
        db.session.commit()

        assert [change["action"] for change in trail()] == ["call.reclassified", "call.updated"]

    def test_name_that_comes_too_late_is_refused(self, row: Call) -> None:
        row.booking_status = BookingStatus.BOOKED
        db.session.scalars(select(Call)).all()

        with pytest.raises(ValueError, match="names no change"):
            name_action(Action.CALL_RECLASSIFIED, row)


def test_actions_are_named_after_a_resource_and_what_happened() -> None:
    assert all(len(action.split(".")) in {2, 3} and action == action.lower() for action in Action)
