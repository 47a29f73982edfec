"""Every soft-deletable kind is declared by its feature, and everything that a declaration names exists."""

import psycopg
import pytest
from flask import Flask
from sqlalchemy.orm import InstrumentedAttribute

from app.declarations.deletable import Cascade, Deletable, parents_first
from app.declarations.registry import registry_of
from app.declarations.resource import Resource, Words
from app.features import FEATURES
from app.models import Organization, SoftDeleted, Task
from tests.support.database import WorkerDatabase
from tests.support.models import MODELS

DECLARED = {kind.name: kind for feature in FEATURES for kind in feature.deletes}


def test_every_soft_deleted_table_is_declared(app: Flask) -> None:
    soft_deleted = {model for model in MODELS if issubclass(model, SoftDeleted)}

    assert {kind.model for kind in registry_of(app).deletes.values()} == soft_deleted


def test_a_kind_is_called_as_the_trail_calls_it(app: Flask, database: WorkerDatabase) -> None:
    with psycopg.connect(database.url("app_owner")) as connection:
        # The catalog stores a trigger's arguments with a NUL after each.
        resources: dict[str, bytes] = dict(
            connection.execute(
                "SELECT tgrelid::regclass::text, tgargs FROM pg_trigger WHERE tgname = 'audit'"
            ).fetchall()
        )

    kinds = registry_of(app).deletes
    called = {name: resources[kind.model.__tablename__].split(b"\0")[0].decode() for name, kind in kinds.items()}
    assert called == {name: name for name in kinds}


@pytest.mark.parametrize("kind", DECLARED.values(), ids=lambda kind: kind.name)
def test_what_a_kind_names_is_there_and_comes_before_it(app: Flask, kind: Deletable, database: WorkerDatabase) -> None:
    kinds = registry_of(app).deletes
    order = list(kinds)
    # Answers have the same kind as what they answer, hence <=.
    assert not set(kind.parents) & set(kind.optional_parents)
    for parent in kind.parents.values():
        assert order.index(parent) <= order.index(kind.name)
    # Kinds that block the purge of another one must come before it, since purging follows the order of the kinds.
    held = {key.column_keys[-1] for key in kind.model.__table__.foreign_key_constraints if key.ondelete == "RESTRICT"}
    for column in held & kind.optional_parents.keys():
        assert order.index(kind.optional_parents[column]) < order.index(kind.name)
    for along in kind.cascades:
        assert order.index(kind.name) <= order.index(along.resource)
        assert hasattr(kinds[along.resource].model, along.column)
    columns = set(kind.model.__table__.c.keys())
    assert {*kind.all_parents, *(one.column for one in kind.renames.values())} <= columns
    with psycopg.connect(database.url("app_owner")) as connection:
        indexes = {name for (name,) in connection.execute("SELECT indexname FROM pg_indexes").fetchall()}
    assert set(kind.renames) <= indexes


@pytest.mark.parametrize("kind", DECLARED.values(), ids=lambda kind: kind.name)
def test_what_people_delete_has_a_scope_a_version_and_a_name(kind: Deletable) -> None:
    assert kind.resource.words.counted is not None
    assert kind.label or (kind.resource.title and isinstance(kind.resource.title(), InstrumentedAttribute))
    if kind.permission is not None:
        assert kind.resource.scope is not None
        assert "version" in kind.model.__table__.c
    else:
        assert kind.model is Organization or any(
            kind.name == cascade.resource for one in DECLARED.values() for cascade in one.cascades
        )


def made_up(name: str, *parents: str, cascades: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> Deletable:
    return Deletable(
        resource=Resource(name=name, model=Task, words=Words(name, name), icon="x"),
        parents={f"{parent}_id": parent for parent in parents},
        optional_parents={f"{parent}_id": parent for parent in optional},
        cascades=tuple(Cascade(one, f"{name}_id") for one in cascades),
    )


def test_parents_come_first_in_whatever_order_they_are_declared() -> None:
    kinds = [made_up("leaf", "branch"), made_up("branch", "tree"), made_up("nest"), made_up("tree", cascades=("nest",))]

    assert list(parents_first(kinds)) == ["tree", "nest", "branch", "leaf"]
    assert list(parents_first(reversed(kinds))) == ["tree", "nest", "branch", "leaf"]


def test_what_belongs_to_something_unknown_is_refused() -> None:
    for leaf in (made_up("leaf", "tree"), made_up("leaf", optional=("tree",))):
        with pytest.raises(ValueError, match="tree"):
            parents_first([leaf])
