"""Visibility of calendars, events, suggested tasks, knowledge items and notifications."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.db.context import Context, use_context
from app.extensions import db
from app.models import (
    BusyTime,
    Calendar,
    Event,
    EventAttendee,
    KnowledgeItem,
    Notification,
    Organization,
    PendingAction,
    Role,
    TenantRow,
    User,
)
from app.security.actor import Actor
from app.security.scope import visible
from tests.support.factories import DAY, Factories

HOUR = timedelta(hours=1)

Sees = Callable[[User, type[TenantRow]], set[Any]]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.CSR)


@pytest.fixture
def colleague(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.CSR)


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.MANAGER)


@pytest.fixture
def sees(app: Flask) -> Sees:
    """Function that returns the IDs of a model's rows that a user sees."""

    def look(user: User, model: type[TenantRow]) -> set[Any]:
        actor = Actor(
            organization_id=user.organization_id,
            user_id=user.id,
            name=user.name,
            email=user.email,
            role=Role(user.role),
        )
        with app.app_context(), use_context(Context(organization_id=user.organization_id)):
            found = {row.id for row in db.session.scalars(visible(model, actor))}
            db.session.rollback()
        return found

    return look


def test_events_are_seen_by_who_organises_or_attends_them_and_by_managers(
    make: Factories, sees: Sees, organization: Organization, csr: User, colleague: User, manager: User
) -> None:
    organised = make.event(organization, csr)
    attended = make.event(organization, manager, start_at=DAY + HOUR)
    mine = make.attendee(attended, csr)
    theirs = make.attendee(attended, colleague)
    strange = make.event(organization, colleague, start_at=DAY + 3 * HOUR)
    elsewhere = make.organization()
    make.event(elsewhere, make.user(elsewhere))

    assert sees(csr, Event) == {organised.id, attended.id}
    assert sees(colleague, Event) == {attended.id, strange.id}
    assert sees(manager, Event) == {organised.id, attended.id, strange.id}
    assert sees(csr, EventAttendee) == {mine.id, theirs.id}
    assert sees(make.user(organization, Role.SUPPORT), Event) == set()


def test_who_attends_a_strange_event_is_not_seen(
    make: Factories, sees: Sees, organization: Organization, csr: User, colleague: User, manager: User
) -> None:
    make.attendee(make.event(organization, manager), colleague)

    assert sees(csr, EventAttendee) == set()
    assert len(sees(manager, EventAttendee)) == 1


def test_busy_times_and_calendars_of_others_are_seen_by_managers(
    make: Factories, sees: Sees, organization: Organization, csr: User, colleague: User, manager: User
) -> None:
    own = make.calendar(organization, owner_user_id=csr.id)
    shared = make.calendar(organization)
    strange = make.calendar(organization, owner_user_id=colleague.id)
    make.event(organization, csr, calendar_id=own.id)
    make.event(organization, colleague, calendar_id=strange.id)

    assert sees(csr, Calendar) == {own.id, shared.id}
    assert sees(manager, Calendar) == {own.id, shared.id, strange.id}
    assert (len(sees(csr, BusyTime)), len(sees(manager, BusyTime))) == (1, 2)


def test_pending_actions_are_seen_by_who_has_or_made_them(
    make: Factories, sees: Sees, organization: Organization, csr: User, colleague: User, manager: User
) -> None:
    assigned = make.pending_action(organization, assigned_to_user_id=csr.id)
    made = make.pending_action(organization, created_by=csr.id, assigned_to_user_id=colleague.id)
    strange = make.pending_action(organization, assigned_to_user_id=colleague.id)

    assert sees(csr, PendingAction) == {assigned.id, made.id}
    assert sees(manager, PendingAction) == {assigned.id, made.id, strange.id}


def test_everybody_sees_the_answers_of_their_organization(
    make: Factories, sees: Sees, organization: Organization, csr: User
) -> None:
    here = make.knowledge_item(organization)
    make.knowledge_item(make.organization())

    assert sees(csr, KnowledgeItem) == {here.id}


def test_notifications_are_for_one_person_alone(
    make: Factories, sees: Sees, organization: Organization, csr: User, manager: User
) -> None:
    values = {"kind": "task_assigned", "text": "A task is yours now.", "link": "/tasks"}
    told = make.add(Notification(organization_id=organization.id, user_id=csr.id, **values))

    assert sees(csr, Notification) == {told.id}
    assert sees(manager, Notification) == set()
