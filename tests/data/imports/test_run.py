"""An import watched by users: requested, run by the worker, and recorded whatever the result."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, func, text, update

from app.data.imports import load_service, run_service
from app.data.imports.abandoned_service import end_abandoned
from app.data.imports.jobs import import_file
from app.data.imports.load_service import Progress
from app.data.imports.service import receive_file, start_import
from app.data.imports.staging_service import take_portion
from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.db.transaction import own_transaction
from app.declarations.job import Retries
from app.errors import Conflict, ValidationFailed
from app.extensions import db
from app.models import Call, ContactCard, ContactPhone, Import, ImportedRow, ImportKind, RejectedValue, User
from app.ops.jobs.queue import enqueue
from app.ops.jobs.worker import run_worker
from tests.data.imports import dying
from tests.support.import_files import lines, mapped, seen_whole
from tests.support.importing import Importer
from tests.support.processes import started

FIELDS = ("external_id", "started_at", "answered", "agent")
GOOD = "A,2026-03-02 09:30,Y,Maria Manager"
BAD = "B,yesterday,perhaps,Zoe Zed"

AskFor = Callable[..., UUID]


@pytest.fixture
def ask_for(app: Flask, importer: Importer, manager: User) -> AskFor:
    """Function that stores a file and requests its import, as the manager's page does."""
    organization_id = importer.organization.id

    def ask(*rows: str, columns: tuple[str, ...] = FIELDS) -> UUID:
        content = lines(",".join(columns), *rows).encode()
        context = Context(organization_id=organization_id, actor_id=manager.id, actor_label=manager.name)
        with app.app_context(), use_context(context):
            row = receive_file(BytesIO(content), "calls.csv", ImportKind.CALLS)
            start_import(seen_whole(row, mapped(columns)), mapped(columns), create_users=False)
            db.session.commit()
            return row.id

    return ask


def test_the_worker_brings_the_good_rows_in_and_keeps_the_reasons_for_the_others(
    app: Flask, ask_for: AskFor, importer: Importer
) -> None:
    ask_for(GOOD, BAD)
    run_worker(app, schedule=(), until_idle=True)

    done = importer.only(Import)
    assert (done.status, done.failure) == ("completed", None)
    assert (done.rows_total, done.rows_created, done.rows_rejected) == (2, 1, 1)
    assert done.started_at is not None
    assert done.finished_at is not None
    assert importer.only(Call).external_id == "A"
    rejected = importer.stored(RejectedValue, RejectedValue.line, RejectedValue.column_name)
    assert [(value.line, value.column_name, value.value) for value in rejected] == [
        (3, "answered", "perhaps"),
        (3, "started_at", "yesterday"),
    ]
    assert {value.import_id for value in rejected} == {done.id}


def test_what_was_done_stands_in_the_audit_under_its_own_name(
    app: Flask, ask_for: AskFor, admin_engine: Engine, manager: User
) -> None:
    import_id = ask_for(GOOD)
    run_worker(app, schedule=(), until_idle=True)

    with admin_engine.connect() as connection:
        actions = connection.execute(
            text("SELECT action, user_id FROM audit_logs WHERE resource_id = :id ORDER BY id"), {"id": import_id}
        )
        assert [tuple(row) for row in actions] == [
            ("import.created", manager.id),
            ("import.updated", manager.id),  # how its columns are read
            ("import.started", manager.id),
            ("import.completed", manager.id),
        ]


def test_a_file_that_cannot_be_read_to_its_end_fails_with_a_sentence(
    app: Flask, ask_for: AskFor, importer: Importer
) -> None:
    ask_for(GOOD, 'B,2026-03-02 09:30,Y,"Maria Manager')
    run_worker(app, schedule=(), until_idle=True)

    failed = importer.only(Import)
    assert (failed.status, failed.rows_created) == ("failed", 0)
    assert (failed.failure or "").startswith("Line 3: the quotes around a cell aren’t closed")
    assert importer.stored(Call) == []


def test_a_mapping_with_gaps_is_refused_at_once(ask_for: AskFor, importer: Importer) -> None:
    with pytest.raises(ValidationFailed):
        ask_for("09:30", columns=("time",))

    assert importer.stored(Import) == []


def test_an_import_is_started_once(app: Flask, ask_for: AskFor, importer: Importer) -> None:
    import_id = ask_for(GOOD)

    with app.app_context(), use_context(Context(organization_id=importer.organization.id)):
        row = db.session.get_one(Import, (importer.organization.id, import_id))
        with pytest.raises(Conflict):
            start_import(row, mapped(FIELDS), create_users=False)


def test_a_bug_half_way_keeps_what_is_in_and_tells_nothing_of_the_inside(
    app: Flask, ask_for: AskFor, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_arguments: object) -> None:
        raise RuntimeError("the secret of the inside")

    monkeypatch.setattr(run_service, "complete", break_down)
    ask_for(GOOD)
    without_patience = replace(import_file, retries=Retries(max_tries=1))
    run_worker(app, (without_patience,), schedule=(), until_idle=True)

    failed = importer.only(Import)
    assert failed.status == "failed"
    assert failed.failure == "Something broke on our side. Try again."
    assert len(importer.stored(Call)) == 1


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_service, "PORTION_ROWS", 10)


def some_rows(count: int) -> list[str]:
    return [GOOD.replace("A", f"A{number}", 1) for number in range(count)]


@pytest.mark.usefixtures("small_portions")
def test_rows_come_in_portion_by_portion(app: Flask, ask_for: AskFor, importer: Importer) -> None:
    ask_for(*some_rows(24), BAD, *(row.replace("A", "B") for row in some_rows(3)), BAD)
    run_worker(app, schedule=(), until_idle=True)

    done = importer.only(Import)
    assert (done.status, done.rows_total, done.rows_created, done.rows_rejected) == ("completed", 29, 27, 2)
    assert done.line_reached == 30
    assert len(importer.stored(Call)) == 27
    made = {(row.resource, row.record_id, row.effect) for row in importer.stored(ImportedRow)}
    assert made == {("call", call.id, "created") for call in importer.stored(Call)}
    assert {value.line for value in importer.stored(RejectedValue)} == {26, 30}


@pytest.mark.usefixtures("small_portions")
def test_all_that_it_does_is_one_operation(app: Flask, ask_for: AskFor, admin_engine: Engine) -> None:
    import_id = ask_for(*(f"{row},+12125550101" for row in some_rows(15)), columns=(*FIELDS, "caller_number"))
    run_worker(app, schedule=(), until_idle=True)

    made = "resource_type IN ('call', 'contact_card', 'contact_phone')"
    with admin_engine.connect() as connection:
        found = connection.execute(text(f"SELECT operation_id, count(*) FROM audit_logs WHERE {made} GROUP BY 1")).all()
    assert [tuple(row) for row in found] == [(import_id, 17)]


@pytest.mark.usefixtures("small_portions")
@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_an_import_that_somebody_ends_meanwhile_stops_with_what_is_in(
    app: Flask, ask_for: AskFor, importer: Importer, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    def end_before_the_second(table: Any, after: int, last: int, size: int) -> Any:
        if after:
            with own_transaction() as session:
                session.execute(update(Import).values(status=how, finished_at=func.now()))
        return take_portion(table, after, last, size)

    monkeypatch.setattr(load_service, "take_portion", end_before_the_second)
    ask_for(*some_rows(25))
    run_worker(app, schedule=(), until_idle=True)

    ended = importer.only(Import)
    assert (ended.status, ended.line_reached, ended.rows_created) == (how, 11, 10)
    assert len(importer.stored(Call)) == len(importer.stored(ImportedRow)) == 10


@pytest.mark.usefixtures("small_portions")
def test_one_that_broke_off_goes_on_where_it_stopped(
    app: Flask, ask_for: AskFor, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [*some_rows(12), BAD, *some_rows(3), "C,2026-03-02 10:00,N,"]
    ask_for(*rows)
    with monkeypatch.context() as broken:
        broken.setattr(load_service, "take_portion", _break_at_the_second)
        run_worker(app, (replace(import_file, retries=Retries(max_tries=1)),), schedule=(), until_idle=True)
    stopped = importer.only(Import)
    before = {call.id for call in importer.stored(Call)}

    with app.app_context(), use_context(Context(organization_id=importer.organization.id)):
        import_file.revive(import_id=str(stopped.id))
        enqueue(import_file, import_id=str(stopped.id))
        db.session.commit()
    run_worker(app, schedule=(), until_idle=True)

    assert (stopped.status, stopped.line_reached, len(before)) == ("failed", 11, 10)
    done = importer.only(Import)
    assert (done.status, done.rows_total, done.rows_created, done.rows_rejected) == ("completed", 17, 13, 4)
    assert {call.id for call in importer.stored(Call)} > before
    assert [value.line for value in importer.stored(RejectedValue, RejectedValue.line)] == [14, 14, 15, 16, 17]


def _break_at_the_second(table: Any, after: int, last: int, size: int) -> Any:
    if after:
        raise RuntimeError("the power is gone")
    return take_portion(table, after, last, size)


@pytest.mark.parametrize("phase", dying.PHASES)
def test_one_whose_worker_is_killed_comes_in_once(
    app: Flask, ask_for: AskFor, importer: Importer, admin_engine: Engine, phase: str
) -> None:
    in_before = {"storing": 10, "finishing": 25}.get(phase, 0)
    ask_for(*some_rows(25), BAD)
    with started(app, "tests.data.imports.dying", phase) as worker:
        assert worker.wait(60) == -signal.SIGKILL
    stopped = importer.only(Import)
    before = importer.stored(Call)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"))

    run_worker(app, schedule=(), until_idle=True)

    assert (stopped.status, stopped.rows_created, len(before)) == ("running", in_before, in_before)
    done = importer.only(Import)
    assert (done.status, done.rows_total, done.rows_created, done.rows_rejected) == ("completed", 26, 25, 1)
    assert len(importer.stored(Call)) == len(importer.stored(ImportedRow)) == 25
    assert {value.line for value in importer.stored(RejectedValue)} == {27}


@pytest.mark.usefixtures("small_portions")
def test_one_whose_command_was_killed_is_ended_after_an_hour_and_goes_on(
    app: Flask, ask_for: AskFor, importer: Importer, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for(*some_rows(25))
    with monkeypatch.context() as broken:
        broken.setattr(load_service, "take_portion", _break_at_the_second)
        run_worker(app, (replace(import_file, retries=Retries(max_tries=1)),), schedule=(), until_idle=True)
    with admin_engine.begin() as connection:  # a command that is killed records nothing
        connection.execute(text("UPDATE imports SET status = 'running', finished_at = NULL, failure = NULL"))
    told_at = importer.only(Import).updated_at

    def tidy_up(now: datetime) -> str:
        with app.app_context(), use_context(Context(organization_id=importer.organization.id)), jobs_role():
            end_abandoned(now)
            db.session.commit()
        return importer.only(Import).status

    assert tidy_up(told_at + timedelta(minutes=59)) == "running"
    assert tidy_up(told_at + timedelta(minutes=61)) == "failed"
    assert importer.only(Import).failure == "The import was interrupted and didn’t resume within an hour."
    with app.app_context(), use_context(Context(organization_id=importer.organization.id)):
        import_file.revive(import_id=str(importer.only(Import).id))
        enqueue(import_file, import_id=str(importer.only(Import).id))
        db.session.commit()
    run_worker(app, schedule=(), until_idle=True)
    assert len(importer.stored(Call)) == 25


@pytest.mark.usefixtures("small_portions")
def test_two_at_once_bring_each_row_and_each_number_once(
    app: Flask, ask_for: AskFor, importer: Importer, manager: User
) -> None:
    columns = ("external_id", "started_at", "answered", "agent", "caller_number")
    rows = [f"{row},+1212555{number % 40:04}" for number, row in enumerate(some_rows(200))]
    first, second = ask_for(*rows, columns=columns), ask_for(*reversed(rows), columns=columns)

    def run(import_id: UUID) -> None:
        context = Context(organization_id=importer.organization.id, actor_id=manager.id)
        with app.app_context(), use_context(context), jobs_role():
            run_service.run_import(import_id)

    with ThreadPoolExecutor() as threads:
        list(threads.map(run, (first, second)))

    done = importer.stored(Import)
    assert [row.status for row in done] == ["completed", "completed"]
    assert sum(row.rows_created for row in done) == len(importer.stored(Call)) == 200
    assert len(importer.stored(ContactPhone)) == len(importer.stored(ContactCard)) == 40
    assert sum(row.rows_created + row.rows_unchanged for row in done) == 400


def test_progress_is_seen_while_it_runs(
    app: Flask, ask_for: AskFor, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int, int]] = []
    write = run_service.progress_writer

    def look_after_writing(import_id: UUID) -> Callable[[Progress], None]:
        tell = write(import_id)

        def tell_and_look(progress: Progress) -> None:
            tell(progress)
            row = importer.only(Import)
            seen.append((row.status, row.rows_total, len(importer.stored(Call))))

        return tell_and_look

    monkeypatch.setattr(run_service, "_SECONDS_BETWEEN_LOOKS", 0.0)
    monkeypatch.setattr(run_service, "progress_writer", look_after_writing)
    ask_for(*(GOOD.replace("A", f"A{number}", 1) for number in range(3_000)))
    run_worker(app, schedule=(), until_idle=True)

    assert seen == [("running", 2_000, 0), ("running", 3_000, 0)]
    assert importer.only(Import).rows_created == 3_000


def test_an_import_that_has_ended_is_left_alone_when_its_job_comes_again(
    app: Flask, ask_for: AskFor, importer: Importer
) -> None:
    import_id = ask_for(GOOD)
    run_worker(app, schedule=(), until_idle=True)
    before = importer.only(Import)
    with app.app_context(), use_context(Context(organization_id=importer.organization.id)):
        enqueue(import_file, import_id=str(import_id))
        db.session.commit()

    run_worker(app, schedule=(), until_idle=True)

    assert importer.only(Import).updated_at == before.updated_at


def test_an_import_that_failed_runs_again_from_the_list_of_jobs(
    app: Flask, ask_for: AskFor, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_arguments: object) -> None:
        raise RuntimeError

    import_id = ask_for(GOOD)
    with monkeypatch.context() as while_broken:
        while_broken.setattr(run_service, "complete", break_down)
        without_patience = replace(import_file, retries=Retries(max_tries=1))
        run_worker(app, (without_patience,), schedule=(), until_idle=True)
    with app.app_context(), use_context(Context(organization_id=importer.organization.id)):
        import_file.revive(import_id=str(import_id))
        enqueue(import_file, import_id=str(import_id))
        db.session.commit()
    run_worker(app, schedule=(), until_idle=True)

    done = importer.only(Import)
    assert (done.status, done.failure, done.rows_created) == ("completed", None, 1)
