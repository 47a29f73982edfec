"""Calls that providers report, again and in any order: each person has one entry, and only while somebody waits."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from flask import Flask
from sqlalchemy import select

from app.declarations.events import CallsChanged, raise_event
from app.models import Call, ContactCard, MissedCallEntry, Organization
from app.security.scope import unscoped
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.work import at_work, both_at_once

FIRST = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)

Report = Callable[..., list[MissedCallEntry]]


def changed(*calls: Call) -> CallsChanged:
    ids = unscoped(select(Call.id), why="the calls of the test").where(Call.id.in_([call.id for call in calls]))
    return CallsChanged(calls[0].organization_id, ids)


@pytest.fixture
def ann(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(organization)


@pytest.fixture
def report(app: Flask, organization: Organization, behind: Behind) -> Report:
    """Function that raises the event about calls, and returns all entries."""

    def run(*calls: Call) -> list[MissedCallEntry]:
        with at_work(app, organization.id):
            raise_event(changed(*calls))
        return behind.rows(MissedCallEntry)

    return run


@pytest.fixture
def call_of(make: Factories, organization: Organization, ann: ContactCard) -> Callable[..., Call]:
    """Function that creates a call of Ann, so many minutes after the first."""
    return lambda status="missed", minutes=0, **values: make.call(
        organization,
        status=status,
        started_at=FIRST + timedelta(minutes=minutes),
        **{"contact_card_id": ann.id, **values},
    )


def test_a_call_that_rings_opens_nothing_and_one_that_is_reported_again_opens_one(
    report: Report, behind: Behind, call_of: Callable[..., Call]
) -> None:
    call = call_of("active")
    assert report(call) == []

    behind.change(call, status="missed")
    [entry] = report(call)

    assert [(entry.id, entry.call_id, entry.status)] == [(row.id, call.id, "open") for row in report(call)]
    behind.change(entry, status="dismissed", resolved_at=FIRST)
    assert [row.status for row in report(call)] == ["dismissed"]


def test_a_withheld_number_reported_again_has_one_entry(report: Report, call_of: Callable[..., Call]) -> None:
    calls = [call_of(minutes=minutes, caller_number=None, contact_card_id=None) for minutes in (0, 1)]

    for _ in range(2):
        assert [entry.status for entry in report(*calls)] == ["open", "open"]


def test_one_that_turns_out_to_be_answered_closes_its_entry(
    report: Report, behind: Behind, call_of: Callable[..., Call]
) -> None:
    call = call_of()
    report(call)
    behind.change(call, status="completed", answered_at=FIRST, duration_seconds=20)

    [entry] = report(call)

    assert (entry.status, entry.resolved_at) == ("answered_later", FIRST)


def test_an_entry_whose_first_call_was_answered_stays_while_a_later_one_waits(
    report: Report, behind: Behind, call_of: Callable[..., Call]
) -> None:
    first, later = call_of(), call_of("voicemail", 5)
    report(first)
    report(later)
    behind.change(first, status="completed", answered_at=FIRST, duration_seconds=20)

    [entry] = report(first)

    assert entry.status == "open"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_reports_ends_the_same(
    report: Report, call_of: Callable[..., Call], order: tuple[int, ...]
) -> None:
    calls = [call_of(), call_of("voicemail", 3), call_of("completed", 10)]

    for place in order:
        report(calls[place])
    entries = report(*calls)

    assert {entry.status for entry in entries} == {"answered_later"}
    assert {entry.resolved_at for entry in entries} == {calls[2].started_at}


def test_several_reports_at_once_open_one_entry(
    app: Flask, organization: Organization, behind: Behind, call_of: Callable[..., Call]
) -> None:
    calls = [call_of(minutes=minutes) for minutes in range(4)]

    def reports(*ids: Call) -> Callable[[], None]:
        return lambda: raise_event(changed(*ids))

    assert both_at_once(app, organization.id, reports(*calls), reports(calls[1]), reports(calls[2])) == []

    entry = behind.one(MissedCallEntry)
    assert entry.contact_card_id == calls[0].contact_card_id
    joined = [call.missed_entry_id for call in behind.rows(Call) if call.id != entry.call_id]
    assert joined == [entry.id] * 3
