"""Appointments selected by ID: earliest first, and none of another rep."""

from datetime import timedelta

from flask import Flask

from app.models import Appointment, Organization, Role, User
from app.work.appointments.day_queries import list_visits_by_id
from tests.support.factories import DAY, Factories
from tests.support.work import at_work
from tests.work.conftest import ActorOf


def test_they_come_by_their_time_however_they_were_booked(
    app: Flask, make: Factories, organization: Organization, rep: User, actor_of: ActorOf
) -> None:
    def visit(hours: int, whose: User) -> Appointment:
        start = DAY + timedelta(hours=hours)
        end = start + timedelta(hours=1)
        return make.appointment(organization, sales_rep_id=whose.id, scheduled_start_at=start, scheduled_end_at=end)

    last, first, second = (visit(hours, rep) for hours in (9, 1, 5))
    theirs = visit(3, make.user(organization, Role.SALES_REP))

    with at_work(app, organization.id):
        found = list_visits_by_id(actor_of(rep), [theirs.id, last.id, second.id, first.id])
        assert [one.appointment.id for one in found] == [first.id, second.id, last.id]
        assert list_visits_by_id(actor_of(rep), []) == []
