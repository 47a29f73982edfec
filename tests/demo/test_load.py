"""`flask demo`: the companies in the database, checked in SQL and through the app."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import Call, DeletionBatch, MissedCallEntry, Organization, User
from app.security.permissions import Role
from app.trust.trash.kinds import deletables, label_of
from app.trust.trash.restore_service import restore
from demo.companies import PASSWORD
from tests.support.cached_rows import CachedRows, driver_connection
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.sealing import wait_for_other_databases
from tests.support.shared import made_once
from tests.support.work import at_work

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Function that runs `flask demo` with its arguments: `run("load", "--calls", "50")`."""
    return lambda *words: app.test_cli_runner().invoke(args=["demo", *words])


Stored = dict[str, dict[str, int]]


class Kept(NamedTuple):
    """The command's summary, the rows and the files of a loaded demonstration."""

    stored: Stored
    rows: CachedRows
    files: Path


@pytest.fixture
def just_loaded(app: Flask, run: Run) -> Stored:
    """Summary that the command printed after loading all companies with few calls."""
    # Companies have the same ids each time, so files of an earlier test would become theirs.
    shutil.rmtree(app.config["SETTINGS"].storage_dir, ignore_errors=True)
    result = run("load", "--calls", "300", "--json")
    assert result.exit_code == 0, result.output
    stored: Stored = json.loads(result.output)
    return stored


@pytest.fixture
def loaded(request: pytest.FixtureRequest, app: Flask, admin_engine: Engine, run_folder: Path) -> Stored:
    """Summary of the demonstration, which is loaded once per run and restored by COPY for later tests."""
    folder: Path = app.config["SETTINGS"].storage_dir

    def load() -> Kept:
        stored: Stored = request.getfixturevalue("just_loaded")
        files = run_folder / "demonstration-files"
        shutil.copytree(folder, files)
        with admin_engine.connect() as connection:
            return Kept(stored, CachedRows(driver_connection(connection), with_trail=True), files)

    kept = made_once(run_folder / "demonstration", load)
    if "just_loaded" not in request.fixturenames:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(kept.files, folder)
        with admin_engine.begin() as connection:
            kept.rows.put_back(driver_connection(connection))
    return kept.stored


def count(engine: Engine, table: str, slug: str, condition: str = "true") -> int:
    statement = f"""
        SELECT count(*) FROM {table} t JOIN organizations o ON o.id = t.organization_id
        WHERE o.slug = :slug AND {condition}
    """
    with engine.connect() as connection:
        return int(connection.execute(text(statement), {"slug": slug}).scalar_one())


def test_after_loading_statistics_triggers_and_the_trail_are_as_they_should_be(
    just_loaded: Stored, admin_engine: Engine
) -> None:
    """Three facts about the moment after the command, which takes seconds."""
    check_that_postgresql_knows_how_much_there_is(just_loaded, admin_engine)
    check_that_triggers_stand_as_before(admin_engine)
    check_that_the_trail_tells_of_the_loading_and_of_each_row_of_the_last_two_weeks(just_loaded, admin_engine)


def check_that_postgresql_knows_how_much_there_is(just_loaded: Stored, admin_engine: Engine) -> None:
    counted = text("SELECT relname, reltuples FROM pg_class WHERE relname IN ('calls', 'contact_cards')")
    with admin_engine.connect() as connection:
        expected = {
            name: sum(tables.get(name, 0) for tables in just_loaded.values()) for name in ("calls", "contact_cards")
        }
        found = {row.relname: row.reltuples for row in connection.execute(counted)}

    assert {name: found[name] for name in expected} == expected


def test_every_row_is_stored_and_calls_are_shared_among_the_companies(loaded: Stored, admin_engine: Engine) -> None:
    phone_calls = {
        slug: tables["calls"] - count(admin_engine, "calls", slug, "t.call_type = 'visit_call'")
        for slug, tables in loaded.items()
        if slug != "platform"
    }
    assert phone_calls == {"brightwater": 200, "cedar-stone": 47, "saguaro-air": 53}
    for slug, tables in loaded.items():
        for table in tables.keys() - {"organizations", "audit_logs"}:
            assert count(admin_engine, table, slug) == tables[table], table


def test_later_missed_calls_point_at_the_entry_of_the_first(run: Run, admin_engine: Engine) -> None:
    # With fewer calls, there are hours at which no one has called twice in vain.
    assert run("load", "--calls", "1500").exit_code == 0

    with Session(admin_engine) as session:
        joined = session.scalars(select(Call).where(Call.missed_entry_id.is_not(None))).all()
        assert joined
        for call in joined:
            entry = session.get_one(MissedCallEntry, (call.organization_id, call.missed_entry_id))
            assert entry.contact_card_id == call.contact_card_id


def check_that_the_trail_tells_of_the_loading_and_of_each_row_of_the_last_two_weeks(
    just_loaded: Stored, admin_engine: Engine
) -> None:
    recorded = text("""
        SELECT count(*), min(c.created_at) FROM audit_logs r JOIN calls c ON c.id = r.resource_id
        WHERE r.action = 'call.created' AND r.created_at = c.created_at
    """)
    own = text("SELECT actor_label, metadata -> 'rows' FROM audit_logs WHERE action = 'demonstration.loaded'")
    with admin_engine.connect() as connection:
        number, since = connection.execute(recorded).one()
        recent = text("SELECT count(*) FROM calls WHERE created_at >= :since")
        assert connection.execute(recent, {"since": since}).scalar_one() == number
        assert timedelta(days=7) < datetime.now(UTC) - since < timedelta(days=14, minutes=5)
        told = connection.execute(own).all()
    assert {label for label, _ in told} == {"flask demo load"}
    assert sorted(rows["users"] for _, rows in told) == sorted(tables["users"] for tables in just_loaded.values())


def test_an_entry_says_what_the_trigger_would_have_said(loaded: Stored, admin_engine: Engine) -> None:
    """Loaded entries about calendar events equal those that the trigger would have recorded.

    The trigger records a deleted row as it would record a new one, so the rows are deleted and compared.
    """
    remove = text("""
        DELETE FROM events USING audit_logs a
        WHERE a.resource_id = events.id AND a.action = 'event.created' RETURNING events.id, a.after
    """)
    by_trigger = text("SELECT resource_id, before FROM audit_logs WHERE action = 'event.purged'")
    with admin_engine.connect() as connection, connection.begin() as transaction:
        told: dict[UUID, Any] = {row.id: row.after for row in connection.execute(remove)}
        assert told
        assert {row.resource_id: row.before for row in connection.execute(by_trigger)} == told
        transaction.rollback()


def test_the_trail_can_be_sealed_and_is_intact(app: Flask, loaded: Stored, admin_engine: Engine) -> None:
    commands = app.test_cli_runner()
    app.config["SETTINGS"].audit_heads_path.unlink(missing_ok=True)  # heads of dropped databases
    wait_for_other_databases(admin_engine)
    assert commands.invoke(args=["audit", "seal"]).exit_code == 0
    result = commands.invoke(args=["audit", "verify", "--json"])
    assert result.exit_code == 0, result.output
    chains = {chain["slug"]: chain for chain in json.loads(result.output)}
    assert chains.keys() == loaded.keys()
    assert all(chain["finding"] is None and chain["rows"] for chain in chains.values())


def check_that_triggers_stand_as_before(admin_engine: Engine) -> None:
    statement = text("SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'")
    with admin_engine.connect() as connection:
        assert connection.execute(statement).scalar_one() == 0


def test_recordings_are_where_their_calls_say(app: Flask, loaded: Stored, admin_engine: Engine) -> None:
    folder: Path = app.config["SETTINGS"].storage_dir
    with Session(admin_engine) as session:
        keys = session.scalars(select(Call.audio_url).where(Call.audio_url.is_not(None)).distinct()).all()
    assert keys
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.wav")} == set(keys)
    for key in keys:
        assert (folder / str(key)).read_bytes().startswith(b"RIFF")


def test_all_sign_ins_are_listed_and_every_kind_of_person_gets_in(
    run: Run, loaded: Stored, new_client: Callable[[], Client], admin_engine: Engine
) -> None:
    listed: list[dict[str, Any]] = json.loads(run("users", "--json").output)
    by_role = {one["role"]: one for one in reversed(listed)}
    assert by_role.keys() == {*Role, "platform_support", "platform_admin"}
    with Session(admin_engine) as session:
        users = session.scalars(select(User).where(User.is_active, User.deleted_at.is_(None))).all()
    assert sorted(one["email"] for one in listed) == sorted(user.email for user in users)
    for one in by_role.values():
        user = next(user for user in users if user.email == one["email"])
        assert user.name in new_client().sign_in_by_form(user, one["password"]).get("/account").text


def test_who_has_left_does_not_get_in(loaded: Stored, client: Client, admin_engine: Engine) -> None:
    with Session(admin_engine) as session:
        former = session.scalars(select(User).where(~User.is_active | User.deleted_at.is_not(None))).all()
    assert len(former) == 2 * 3
    for user in former:
        client.post("/login", {"email": user.email, "password": PASSWORD}, status=401)


def test_without_the_companies_there_is_nobody_to_sign_in(run: Run) -> None:
    assert json.loads(run("users", "--json").output) == []


def test_loading_twice_is_refused_before_anything_is_stored(run: Run, make: Factories, admin_engine: Engine) -> None:
    make.organization(slug="cedar-stone")
    result = run("load", "--calls", "20")
    assert result.exit_code == 1
    assert "“cedar-stone”" in result.output
    with admin_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM organizations")).scalar_one() == 1


def test_nothing_is_found_that_the_database_cannot_hold_but_overdue_tasks(
    app: Flask, loaded: Stored, make: Factories, admin_engine: Engine
) -> None:
    with Session(admin_engine, expire_on_commit=False) as session:
        company = session.scalars(select(Organization).where(Organization.slug == "brightwater")).one()
    # Whether the demonstration has overdue tasks depends on the time of day, so add one.
    make.task(company, due_at=datetime.now(UTC) - timedelta(days=1))

    result = app.test_cli_runner().invoke(args=["integrity", "check", "--json"])

    assert {found["check"] for found in json.loads(result.stdout)} == {"task_overdue"}


def test_every_visit_of_a_rep_takes_its_time(loaded: Stored, admin_engine: Engine) -> None:
    visits = text(
        "SELECT count(*) FROM appointments WHERE sales_rep_id IS NOT NULL AND status IN ('scheduled', 'completed')"
        " AND deleted_at IS NULL"
    )
    taken = text("SELECT count(*) FROM busy_times WHERE source = 'appointment'")
    with admin_engine.connect() as connection:
        assert connection.execute(visits).scalar_one() == connection.execute(taken).scalar_one() > 25


def test_what_is_in_the_trash_is_called_what_the_product_calls_it_and_comes_back(
    app: Flask, loaded: Stored, admin_engine: Engine
) -> None:
    with Session(admin_engine) as session:
        owners = session.scalars(
            select(User)
            .join(Organization, Organization.id == User.organization_id)
            .where(User.role == Role.OWNER, Organization.slug != "platform")
        ).all()
    assert len(owners) == 3
    for owner in owners:
        with at_work(app, owner.organization_id):
            batches = db.session.scalars(select(DeletionBatch)).all()
            assert len(batches) >= 7
            for batch in batches:
                kind = deletables()[batch.root_type]
                root = select(kind.model).where(kind.model.id == batch.root_id)
                row = db.session.scalars(root.execution_options(**{INCLUDE_DELETED: True})).one()
                assert batch.root_label == label_of(kind, row)
                assert restore(acting(owner), batch.id).left == {}
