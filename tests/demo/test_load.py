"""`flask demo`: the companies in the database, seen from behind the app and through its doors."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from app.demo.companies import PASSWORD
from app.models import Call, MissedCallEntry, Organization, User
from app.security.passwords import verify_password
from tests.support.factories import Factories

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """`run("load", "--calls", "50")`"""
    return lambda *words: app.test_cli_runner().invoke(args=["demo", *words])


@pytest.fixture
def loaded(run: Run) -> dict[str, dict[str, int]]:
    """Both companies with few calls; what the command says it stored."""
    result = run("load", "--calls", "250", "--json")
    assert result.exit_code == 0, result.output
    stored: dict[str, dict[str, int]] = json.loads(result.output)
    return stored


def count(engine: Engine, table: str, slug: str) -> int:
    statement = f"SELECT count(*) FROM {table} t JOIN organizations o ON o.id = t.organization_id WHERE o.slug = :slug"
    with engine.connect() as connection:
        return int(connection.execute(text(statement), {"slug": slug}).scalar_one())


def test_every_row_is_stored_and_calls_are_shared_among_the_companies(
    loaded: dict[str, dict[str, int]], admin_engine: Engine
) -> None:
    assert (loaded["brightwater"]["calls"], loaded["cedar-stone"]["calls"]) == (250, 60)
    for slug, tables in loaded.items():
        for table in tables.keys() - {"organizations"}:
            assert count(admin_engine, table, slug) == tables[table], table


def test_later_missed_calls_point_at_the_entry_of_the_first(
    loaded: dict[str, dict[str, int]], admin_engine: Engine
) -> None:
    with Session(admin_engine) as session:
        joined = session.scalars(select(Call).where(Call.missed_entry_id.is_not(None))).all()
        assert joined
        for call in joined:
            entry = session.get_one(MissedCallEntry, (call.organization_id, call.missed_entry_id))
            assert entry.contact_card_id == call.contact_card_id


def test_everything_stands_in_the_audit_trail_under_the_command(
    loaded: dict[str, dict[str, int]], admin_engine: Engine
) -> None:
    statement = text("SELECT count(*), count(DISTINCT actor_label) FROM audit_logs WHERE action = 'call.created'")
    with admin_engine.connect() as connection:
        assert connection.execute(statement).one() == (310, 1)


def test_recordings_are_where_their_calls_say(
    app: Flask, loaded: dict[str, dict[str, int]], admin_engine: Engine
) -> None:
    folder: Path = app.config["SETTINGS"].storage_dir
    with Session(admin_engine) as session:
        keys = session.scalars(select(Call.audio_url).where(Call.audio_url.is_not(None)).distinct()).all()
    assert keys
    for key in keys:
        assert (folder / str(key)).read_bytes().startswith(b"RIFF")


def test_all_sign_ins_are_listed_and_have_the_password(
    run: Run, loaded: dict[str, dict[str, int]], admin_engine: Engine
) -> None:
    listed: list[dict[str, Any]] = json.loads(run("users", "--json").output)
    assert len(listed) == 40
    assert {sign_in["password"] for sign_in in listed} == {PASSWORD}
    with Session(admin_engine) as session:
        for sign_in in listed:
            user = session.scalars(
                select(User)
                .join(Organization, Organization.id == User.organization_id)
                .where(User.email == sign_in["email"], Organization.slug == sign_in["organization"])
            ).one()
            assert user.role == sign_in["role"]
        assert verify_password(user.password_hash, PASSWORD)
        assert session.scalar(select(func.count()).select_from(User)) == 40


def test_without_the_companies_there_is_nobody_to_sign_in(run: Run) -> None:
    assert json.loads(run("users", "--json").output) == []


def test_loading_twice_is_refused_before_anything_is_stored(run: Run, make: Factories, admin_engine: Engine) -> None:
    make.organization(slug="cedar-stone")
    result = run("load", "--calls", "20")
    assert result.exit_code == 1
    assert "“cedar-stone”" in result.output
    with admin_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM organizations")).scalar_one() == 1
