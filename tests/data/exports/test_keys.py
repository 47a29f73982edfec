"""Exports that a program requests with an API key."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.data.exports.queries import find_export
from app.data.exports.service import request_export, take_file
from app.db.ids import uuid7
from app.models import ApiKey, AuditLog, Export, Notification, Organization, Role, User
from app.work.calls.filters import CallFilters
from tests.data.exports.conftest import Exports, Work
from tests.support.client import access_token
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.programs import calling, make_key


def order(app: Flask, token: str) -> Export:
    """Request an export of all calls with this token."""
    with calling(app, token) as actor:
        return request_export(actor, uuid7(), "calls", CallFilters())


def test_the_file_is_the_keys_and_no_entry_names_a_person(
    app: Flask, organization: Organization, manager: User, make: Factories, work: Work, exports: Exports, behind: Behind
) -> None:
    calls = [make.call(organization) for _ in range(2)]
    make.call(make.organization())
    key, token = make_key(make, manager, "calls:read", "exports:create", name="Zapier")
    _other, other = make_key(make, manager, "calls:read", "exports:create")

    order(app, token)
    work()

    [export] = exports()
    assert (export.status, export.row_count) == ("completed", len(calls))
    assert (export.requested_by, export.requested_by_label) == (None, "Zapier (key of Marcus Bell)")
    assert export.api_key_id == key.id
    told = [row for row in behind.rows(AuditLog, organization_id=organization.id) if row.actor_label != "postgres"]
    assert {row.action for row in told} >= {"export.created", "export.completed", "calls.exported"}
    assert {row.user_id for row in told} == {None}
    assert {(row.source, row.details["apiKeyId"], row.actor_label) for row in told} == {
        ("external", str(key.id), "Zapier (key of Marcus Bell)")
    }
    assert behind.rows(Notification) == []
    with calling(app, token) as actor:
        assert take_file(actor, export.id).id == export.id
    for stranger in (other, access_token(app, manager)):
        with calling(app, stranger) as actor:
            assert find_export(actor, export.id) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda behind, key, _user: behind.change(key, revoked_at=datetime.now(UTC)), "no longer works"),
        (lambda behind, key, _user: behind.change(key, expires_at=datetime.now(UTC)), "no longer works"),
        (lambda behind, _key, user: behind.change(user, status="inactive"), "no longer works"),
        (lambda behind, _key, user: behind.change(user, role=Role.CSR), "lacks the permission"),
        (lambda behind, key, _user: behind.change(key, permissions=["calls:read"]), "lacks the permission"),
    ],
    ids=["revoked", "expired", "creator left", "creator demoted", "narrowed"],
)
def test_a_job_ends_with_the_rights_that_its_key_has_when_it_runs(
    app: Flask,
    organization: Organization,
    manager: User,
    make: Factories,
    work: Work,
    exports: Exports,
    behind: Behind,
    change: Callable[[Behind, ApiKey, User], Any],
    why: str,
) -> None:
    make.call(organization)
    key, token = make_key(make, manager, "calls:read", "exports:create")
    _other, other = make_key(make, make.user(organization, role=Role.MANAGER), "calls:read", "exports:create")
    order(app, token)
    order(app, other)

    change(behind, key, manager)
    work()

    ended, unaffected = sorted(exports(), key=lambda one: one.api_key_id != key.id)
    assert ended.status == "failed"
    assert why in (ended.failure or "")
    assert unaffected.status == "completed"
