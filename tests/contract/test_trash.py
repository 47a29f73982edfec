"""Whatever can be deleted softly is known to the service that deletes, restores and purges."""

import psycopg
import pytest

from app.models import Organization, SoftDeleted
from app.security.scope import scoped_models
from app.trash.kinds import KINDS, Kind
from tests.support.database import WorkerDatabase
from tests.support.models import MODELS


def test_every_soft_deleted_table_is_a_kind() -> None:
    soft_deleted = {model for model in MODELS if issubclass(model, SoftDeleted)}

    assert {kind.model for kind in KINDS.values()} == soft_deleted


def test_a_kind_is_called_as_the_trail_calls_it(database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_owner")) as connection:
        # The arguments of a trigger stand in the catalogue with a NUL after each.
        resources: dict[str, bytes] = dict(
            connection.execute(
                "SELECT tgrelid::regclass::text, tgargs FROM pg_trigger WHERE tgname = 'audit'"
            ).fetchall()
        )

    called = {kind.resource: resources[kind.model.__tablename__].split(b"\0")[0].decode() for kind in KINDS.values()}
    assert called == {resource: resource for resource in KINDS}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.resource)
def test_what_a_kind_names_is_there_and_parents_come_first(kind: Kind, database: WorkerDatabase) -> None:
    order = list(KINDS)
    for parent in kind.parents.values():
        assert order.index(parent) < order.index(kind.resource)
    for along in kind.along:
        assert hasattr(KINDS[along.resource].model, along.column)
    columns = set(kind.model.__table__.c.keys())
    assert {*kind.parents, *kind.renames.values()} <= columns
    with psycopg.connect(database.url("app_owner")) as connection:
        indexes = {name for (name,) in connection.execute("SELECT indexname FROM pg_indexes").fetchall()}
    assert set(kind.renames) <= indexes


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.resource)
def test_what_people_delete_has_a_scope_and_a_version(kind: Kind) -> None:
    if kind.permission is not None:
        assert kind.model in scoped_models()
        assert "version" in kind.model.__table__.c
    else:
        assert kind.model is Organization or any(
            kind.resource == along.resource for one in KINDS.values() for along in one.along
        )
