"""Bulk changes that a program starts with an API key."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.data.bulk import service
from app.data.bulk.queries import find_operation
from app.data.bulk.selection_queries import Selection
from app.db.ids import uuid7
from app.models import AuditLog, Call, Organization, User
from app.work.calls.bulk import SET_OUTCOME
from app.work.calls.filters import CallFilters
from tests.data.bulk.conftest import Operations, Stored, Work
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.programs import calling, make_key

SETTINGS = {"outcome": "resolved", "words": {"Outcome": "Resolved"}}


def start(app: Flask, token: str, number: int) -> Any:
    with calling(app, token) as actor:
        selection = Selection(SET_OUTCOME, CallFilters(), None)
        return service.start(actor, uuid7(), selection, SETTINGS, until=datetime.now(UTC), count=number).id


def test_rows_are_changed_in_the_name_of_the_key(
    app: Flask,
    make: Factories,
    organization: Organization,
    manager: User,
    calls: list[Call],
    operations: Operations,
    stored: Stored,
    work: Work,
    behind: Behind,
) -> None:
    key, token = make_key(make, manager, "calls:read", "calls:update", name="Zapier")
    _other, other = make_key(make, manager, "calls:read", "calls:update")

    operation_id = start(app, token, len(calls))
    work()

    [operation] = operations()
    assert (operation.status, operation.rows_changed) == ("completed", len(calls))
    assert (operation.created_by, operation.api_key_id) == (None, key.id)
    assert operation.created_by_label == "Zapier (key of Marcus Bell)"
    assert {stored(call).outcome for call in calls} == {"resolved"}
    told = [row for row in behind.rows(AuditLog, organization_id=organization.id) if row.actor_label != "postgres"]
    assert {row.resource_id for row in told} >= {call.id for call in calls}
    assert {(row.user_id, row.source, row.details["apiKeyId"]) for row in told} == {(None, "external", str(key.id))}
    with calling(app, token) as actor:
        assert find_operation(actor, operation_id) is not None
    with calling(app, other) as actor:
        assert find_operation(actor, operation_id) is None


@pytest.mark.usefixtures("organization")
def test_nothing_is_changed_for_a_key_that_has_ended(
    app: Flask,
    make: Factories,
    manager: User,
    calls: list[Call],
    operations: Operations,
    stored: Stored,
    work: Work,
    behind: Behind,
) -> None:
    key, token = make_key(make, manager, "calls:read", "calls:update")
    before = {stored(call).outcome for call in calls}
    start(app, token, len(calls))

    behind.change(key, revoked_at=datetime.now(UTC))
    work()

    [operation] = operations()
    assert (operation.status, operation.rows_changed) == ("failed", 0)
    assert {stored(call).outcome for call in calls} == before
