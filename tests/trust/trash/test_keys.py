"""Deletions that a program restores in portions with an API key."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask

from app.models import Organization, User
from app.trust.trash.background_service import start
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.programs import calling, make_key
from tests.trust.trash.conftest import BatchOf, Delete, Trail, Work

RIGHTS = ("tasks:read", "tasks:delete", "trash:read", "trash:restore")


def test_the_worker_restores_in_the_name_of_the_key_and_with_its_rights(
    app: Flask,
    make: Factories,
    organization: Organization,
    admin: User,
    soft_delete: Delete,
    live: Callable[[], int],
    batch_of: BatchOf,
    trail: Trail,
    work: Work,
    behind: Behind,
    few_at_once: None,
) -> None:
    key, token = make_key(make, admin, *RIGHTS)
    ended, of_ended = make_key(make, admin, *RIGHTS)
    first, second = (soft_delete(admin, "task", *(make.task(organization) for _ in range(number))) for number in (7, 4))
    with calling(app, token) as actor:
        start(actor, first)
    with calling(app, of_ended) as actor:
        start(actor, second)

    behind.change(ended, revoked_at=datetime.now(UTC))
    work()

    assert live() == 7
    restored = batch_of(first)
    assert (restored.restored_at is not None, restored.restored_by) == (True, None)
    assert "no longer works" in (batch_of(second).restore_failure or "")
    [entry] = trail("deletion.restored")
    assert (entry.resource_id, entry.user_id, entry.details["apiKeyId"]) == (first, None, str(key.id))
