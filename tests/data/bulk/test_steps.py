"""A bulk change of calls runs in steps: whatever happens between or within them, each call is changed once."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

import pytest
from flask import Flask

from app.data.bulk import run_service
from app.db.context import Context
from app.db.session import organization_scope
from app.errors import Conflict
from app.extensions import db
from app.models import BulkOperation, Call, Organization, User
from app.tenancy.actor_queries import get_job_actor
from tests.data.bulk.conftest import Stored, Work, address, confirm, id_of
from tests.support.client import Client
from tests.support.factories import Factories

AtWork = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def calls(make: Factories, organization: Organization, csr: User) -> list[Call]:
    return [make.call(organization, csr=csr) for _ in range(5)]


@pytest.fixture
def asked(client: Client, manager: User, calls: list[Call], work: Work, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A requested change of all calls, in steps of two."""
    monkeypatch.setattr(run_service, "ROWS_A_STEP", 2)
    return id_of(confirm(client.sign_in(manager), address("set_outcome"), outcome="resolved"))


@pytest.fixture
def at_work(app: Flask, organization: Organization, manager: User, asked: UUID, stored: Stored) -> AtWork:
    """Context of one worker transaction, rolled back unless the block commits it."""
    operation = stored(BulkOperation(organization_id=organization.id, id=asked))
    context = Context(
        organization_id=organization.id,
        actor_id=manager.id,
        actor_label=manager.name,
        operation_id=operation.operation_id,
    )

    @contextmanager
    def begin() -> Iterator[None]:
        with app.app_context(), organization_scope(context, db.session):
            yield

    return begin


def test_a_worker_that_dies_in_a_step_leaves_nothing_out_and_does_nothing_twice(
    at_work: AtWork, calls: list[Call], stored: Stored, work: Work, client: Client, asked: UUID
) -> None:
    with at_work():
        run_service.change_some(get_job_actor(), asked)
        db.session.commit()
    with at_work():
        run_service.change_some(get_job_actor(), asked)
    assert sorted(stored(call).version for call in calls) == [1, 1, 1, 2, 2]
    work()

    assert [stored(call).version for call in calls] == [2] * 5
    assert client.get(f"/bulk/{asked}").metrics["rows_changed"] == "5"


def test_a_step_more_than_needed_changes_nothing(
    at_work: AtWork, calls: list[Call], stored: Stored, work: Work, asked: UUID
) -> None:
    work()
    with at_work():
        run_service.change_some(get_job_actor(), asked)
        db.session.commit()

    assert [stored(call).version for call in calls] == [2] * 5


def test_what_is_done_when_it_stops_can_be_undone(
    at_work: AtWork, calls: list[Call], stored: Stored, work: Work, client: Client, asked: UUID
) -> None:
    with at_work():
        run_service.change_some(get_job_actor(), asked)
        run_service.stop(asked, ValueError("the disk is full"))
        db.session.commit()

    page = client.get(f"/bulk/{asked}")
    assert "Something broke on our side" in page.text
    client.post(f"/bulk/{asked}/undo")
    work()

    assert {stored(call).outcome for call in calls} == {None}
    assert client.get(f"/bulk/{asked}").metrics["rows_undone"] == "2"


def test_it_goes_on_from_where_it_stopped(
    at_work: AtWork, calls: list[Call], stored: Stored, work: Work, asked: UUID
) -> None:
    with at_work():
        run_service.change_some(get_job_actor(), asked)
        run_service.stop(asked, ValueError("the disk is full"))
        run_service.go_on(asked)
        db.session.commit()
    work()

    assert [stored(call).version for call in calls] == [2] * 5


def test_a_change_that_is_being_undone_does_not_go_on_with_changing(
    at_work: AtWork, calls: list[Call], stored: Stored, work: Work, client: Client, asked: UUID
) -> None:
    with at_work():
        run_service.change_some(get_job_actor(), asked)
        run_service.stop(asked, ValueError("the disk is full"))
        db.session.commit()
    client.post(f"/bulk/{asked}/undo")
    with at_work():
        run_service.stop(asked, ValueError("the disk is full"))
        db.session.commit()

    with at_work():
        with pytest.raises(Conflict):
            run_service.go_on(asked)
        run_service.go_on_undoing(asked)
        db.session.commit()
    work()

    assert {stored(call).outcome for call in calls} == {None}
    assert client.get(f"/bulk/{asked}").metrics["rows_undone"] == "2"


def test_undoing_does_not_begin_by_itself(at_work: AtWork, asked: UUID) -> None:
    with at_work():
        run_service.stop(asked, ValueError("the disk is full"))
        with pytest.raises(Conflict):
            run_service.go_on_undoing(asked)
