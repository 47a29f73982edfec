"""Every table that refers to a contact is updated when two are merged, or is listed as an exception."""

import psycopg
from flask import Flask

from app.models import Base
from app.work.merging.merge_queries import moving
from tests.support.database import WorkerDatabase

#: Tables about a card rather than the person: cards marked as different people, merged, or erased.
STAYS = {"contact_distinctions", "contact_merges", "erasures"}


def tables_that_name_a_contact() -> set[str]:
    return {
        table.name
        for table in Base.metadata.tables.values()
        for key in table.foreign_key_constraints
        if key.referred_table.name == "contact_cards"
    }


def test_every_kind_that_names_a_contact_goes_with_it(app: Flask) -> None:
    with app.app_context():
        moved = {one.table.name for one in moving()}

    assert moved == tables_that_name_a_contact() - STAYS


def test_the_trail_follows_what_is_set_back_by_it(app: Flask, database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_owner")) as connection:
        rows = connection.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'audit'")
        followed = {table for (table,) in rows}

    with app.app_context():
        assert {one.table.name for one in moving() if one.merging.is_recorded} <= followed
