"""An organization with two reps, open every day from eight to six, and helpers for events."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.models import Event, Organization, Role, User
from app.work.calendar import event_service
from app.work.calendar.event_rules import EventValues
from tests.support.factories import Factories
from tests.support.work import at_work
from tests.work.conftest import ActorOf

NEW_YORK = ZoneInfo("America/New_York")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Working = Callable[[], Any]
#: `plan(csr, title=…)` creates an event as this user, in a separate transaction; returns the id.
Plan = Callable[..., UUID]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization(name="Blue Ridge Air", business_hours={day: [["08:00", "18:00"]] for day in _DAYS})


@pytest.fixture
def other_rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.SALES_REP, name="Nia Brooks")


@pytest.fixture
def tomorrow() -> date:
    """The day after today in New York."""
    return datetime.now(NEW_YORK).date() + timedelta(days=1)


@pytest.fixture
def at(tomorrow: date) -> Callable[..., datetime]:
    """Function that returns a time tomorrow in New York: `at(9, 30)`."""

    def moment(hour: int, minute: int = 0, days: int = 0) -> datetime:
        return datetime.combine(tomorrow + timedelta(days=days), time(hour, minute), NEW_YORK).astimezone(UTC)

    return moment


@pytest.fixture
def working(app: Flask, organization: Organization) -> Working:
    """Context manager for a transaction of the organization, committed at the end of the block."""

    @contextmanager
    def work() -> Iterator[None]:
        with at_work(app, organization.id):
            yield

    return work


@pytest.fixture
def plan(working: Working, actor_of: ActorOf, at: Callable[..., datetime]) -> Plan:
    """Function that creates an event, by default a one-hour meeting tomorrow at nine."""

    def do(who: User, *, id_: UUID | None = None, **values: Any) -> UUID:
        defaults = {"type": "meeting", "title": "Weekly review", "start": at(9), "end": at(10), "organizer_id": who.id}
        with working():
            event: Event = event_service.create(actor_of(who), id_ or uuid4(), EventValues(**{**defaults, **values}))
            return event.id

    return do
