"""Deletion of data whose retention period is over, together with everything that belongs to it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, text, update

from app.db.session import jobs_role
from app.errors import Conflict
from app.extensions import db
from app.models import Organization, Role, User
from app.trust.retention import sweep_service as sweeping
from app.trust.retention.sweep_service import sweep
from tests.support.factories import Factories
from tests.support.work import at_work

LONG_AGO = datetime.now(UTC) - timedelta(days=731)
LATELY = datetime.now(UTC) - timedelta(days=729)

Age = Callable[..., Any]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization)


@pytest.fixture
def aged(admin_engine: Engine) -> Age:
    """Function that changes when a row was created: `aged(row, LONG_AGO)`."""

    def change(row: Any, came: datetime, **values: Any) -> Any:
        with admin_engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(
                update(type(row)).where(type(row).id == row.id).values(created_at=came, updated_at=came, **values)
            )
        return row

    return change


@pytest.fixture
def swept(app: Flask, organization: Organization) -> Callable[[], dict[str, int]]:
    def run() -> dict[str, int]:
        with app.app_context(), jobs_role(), at_work(app, organization.id):
            return sweep(organization.id)

    return run


@pytest.fixture
def left(admin_engine: Engine) -> Callable[[str], set[Any]]:
    """Function that returns the IDs of a table's rows."""

    def read(table: str) -> set[Any]:
        with admin_engine.connect() as connection:
            return set(connection.scalars(text(f"SELECT id FROM {table}")))

    return read


def test_a_call_goes_with_its_children_and_younger_ones_stay(
    make: Factories, organization: Organization, csr: User, aged: Age, swept: Any, left: Any
) -> None:
    old, young = aged(make.call(organization, csr=csr), LONG_AGO), aged(make.call(organization, csr=csr), LATELY)
    elsewhere = aged(make.call(make.organization()), LONG_AGO)
    for call in (old, young):
        make.note(call, csr)
        make.transcript(call)
        make.analysis(call)

    assert swept()["calls"] == 1

    assert left("calls") == {young.id, elsewhere.id}
    assert [len(left(table)) for table in ("call_notes", "call_transcripts", "call_analyses")] == [1, 1, 1]


def test_imported_history_is_counted_from_when_it_came_here(
    make: Factories, organization: Organization, swept: Any, left: Any
) -> None:
    imported = make.call(organization, started_at=LONG_AGO - timedelta(days=900))

    swept()

    assert imported.id in left("calls")


def test_what_is_going_on_and_what_somebody_is_to_call_back_stays(
    make: Factories, organization: Organization, aged: Age, swept: Any, left: Any
) -> None:
    talking = aged(make.call(organization, status="active"), LONG_AGO)
    waiting = aged(make.missed_entry(organization), LONG_AGO)

    assert swept()["calls"] == 0

    assert talking.id in left("calls")
    assert waiting.id in left("missed_call_entries")


def test_leads_that_somebody_works_on_stay(
    make: Factories, organization: Organization, aged: Age, swept: Any, left: Any
) -> None:
    alive = aged(make.lead(organization), LONG_AGO, last_activity_at=LATELY)
    dead = aged(make.lead(organization), LONG_AGO, last_activity_at=LONG_AGO)

    assert swept()["leads"] == 1

    assert left("leads") == {alive.id}
    assert dead.id not in left("leads")


def test_each_kind_has_its_own_days(make: Factories, aged: Age, app: Flask, left: Any) -> None:
    organization = make.organization(retention_days={"messages": 30})
    aged(make.message(organization), LATELY)
    delivery = aged(make.delivery(organization), LATELY)

    with app.app_context(), jobs_role(), at_work(app, organization.id):
        assert sweep(organization.id)["messages"] == 1

    assert left("messages") == set()
    assert left("webhook_deliveries") == {delivery.id}


def test_with_a_recording_goes_what_was_said_and_its_call_stays(
    make: Factories, organization: Organization, aged: Age, swept: Any, left: Any, admin_engine: Engine
) -> None:
    rep = make.user(organization, role=Role.SALES_REP)
    key = f"{organization.id}/recordings/{uuid4()}.mp3"
    visit = make.call(organization, call_type="visit_call", csr=None, audio_url=key)
    make.transcript(visit)
    aged(make.recording(make.appointment(organization), rep, call_id=visit.id), LONG_AGO)

    assert swept()["recordings"] == 1

    assert left("calls") == {visit.id}
    assert left("call_transcripts") == set()
    with admin_engine.connect() as connection:
        assert connection.scalars(text("SELECT arguments->>'key' FROM jobs WHERE name = 'files.remove'")).all() == [key]
        assert connection.scalar(text("SELECT audio_url FROM calls")) is None


def test_the_trail_keeps_that_it_was_there_and_not_what_stood_in_it(
    make: Factories, organization: Organization, csr: User, aged: Age, swept: Any, admin_engine: Engine
) -> None:
    call = aged(make.call(organization, csr=csr, caller_number="+12125550142"), LONG_AGO)
    make.note(call, csr, body="Her door code is #4711")

    swept()

    with admin_engine.connect() as connection:
        told = connection.execute(
            text("SELECT action, before, after FROM audit_logs WHERE resource_id = :id"), {"id": call.id}
        ).all()
        whole = connection.scalars(text("SELECT to_jsonb(audit_logs)::text FROM audit_logs")).all()
    assert ("call.deleted", None, None) in told
    assert not any("#4711" in row or "+12125550142" in row for row in whole)


def test_more_than_a_portion_goes_in_one_run(
    make: Factories, organization: Organization, aged: Age, swept: Any, left: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "ROWS_A_PORTION", 2)
    for _ in range(5):
        aged(make.message(organization), LONG_AGO)

    assert swept()["messages"] == 5
    assert left("messages") == set()


def test_nothing_goes_while_the_data_is_held(make: Factories, app: Flask, aged: Age, left: Any) -> None:
    held = make.organization(legal_hold=True, legal_hold_reason="A court wants it")
    message = aged(make.message(held), LONG_AGO)

    with app.app_context(), jobs_role(), pytest.raises(Conflict, match="A court wants it"), at_work(app, held.id):
        sweep(held.id)

    assert left("messages") == {message.id}


def test_a_hold_that_comes_in_between_ends_the_run_which_tells_what_had_gone(
    make: Factories,
    organization: Organization,
    aged: Age,
    swept: Any,
    left: Any,
    admin_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweeping, "ROWS_A_PORTION", 2)
    for _ in range(5):
        aged(make.message(organization), LONG_AGO)

    def hold_after_the_first(*_where: Any) -> int:
        number = portion(*_where)
        if number:
            with admin_engine.connect() as connection:
                held = connection.execute(text("SELECT FROM organizations FOR UPDATE SKIP LOCKED"))
                assert held.rowcount == 0, "a hold waits for the portion at hand"
            db.session.commit()
            with admin_engine.begin() as connection:
                connection.execute(text("UPDATE organizations SET legal_hold = true"))
        return number

    portion = sweeping._sweep_portion
    monkeypatch.setattr(sweeping, "_sweep_portion", hold_after_the_first)
    with pytest.raises(Conflict):
        swept()

    assert len(left("messages")) == 3
    with admin_engine.connect() as connection:
        (told,) = connection.scalars(text("SELECT metadata FROM audit_logs WHERE action = 'retention.applied'")).all()
    assert told["itemsDeleted"]["messages"] == 2


def test_a_run_is_in_the_trail_with_its_report(
    make: Factories, organization: Organization, aged: Age, swept: Any, admin_engine: Engine
) -> None:
    aged(make.message(organization), LONG_AGO)

    deleted = swept()

    with admin_engine.connect() as connection:
        told = connection.scalars(text("SELECT metadata FROM audit_logs WHERE action = 'retention.applied'")).all()
    assert told == [{"itemsDeleted": deleted}]
    assert deleted["messages"] == 1
    assert set(deleted) == {
        "exports", "messages", "webhook_deliveries", "recordings", "missed_calls", "calls", "leads", "audit",
    }  # fmt: skip


def test_a_second_run_finds_nothing(make: Factories, organization: Organization, aged: Age, swept: Any) -> None:
    aged(make.message(organization), LONG_AGO)
    swept()

    assert not any(swept().values())
