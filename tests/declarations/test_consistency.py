"""Inconsistent or incomplete declarations: the app refuses to start and reports all of them."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy import ARRAY, Column, Computed, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import INET, JSONB, TSVECTOR
from sqlalchemy.types import TypeEngine

from app.declarations.consistency import refuse_inconsistent, refuse_unclassified
from app.declarations.feature import Feature
from app.declarations.field import Field, Imported
from app.declarations.field import Text as TextField
from app.declarations.personal import Personal, Way
from app.declarations.registry import build_registry
from app.declarations.revertible import Revertible
from app.factory import create_app
from app.features import FEATURES
from app.models import Base, ImportKind, holds
from app.models.base import one_of
from app.work.leads.importing import LEADS_IMPORT
from app.work.leads.resource import LEAD
from app.work.tasks.resource import TASK
from app.work.tasks.rules import TaskInput

_PATIENCE = Field("patience", _l("Reason"), imported=Imported(("patience",), longest=20))


@pytest.mark.parametrize("kind", [*ImportKind])
def test_an_imported_field_that_is_not_staged_is_refused(kind: ImportKind) -> None:
    importable = build_registry(FEATURES).imports[kind]
    with_patience = replace(importable, fields=(*importable.fields, _PATIENCE))

    with pytest.raises(ValueError, match=f"imports of {kind}: the field patience is imported, and staged_"):
        refuse_inconsistent((), {kind: with_patience})


def test_an_imported_field_of_a_resource_that_no_file_gives_is_refused() -> None:
    with_patience = replace(TASK, fields=(*TASK.fields, _PATIENCE))

    with pytest.raises(ValueError, match="task: the field patience is imported, and no kind of files gives it"):
        refuse_inconsistent((with_patience,), {})


def test_a_field_that_is_called_like_another_target_of_its_files_is_refused() -> None:
    agent = replace(_PATIENCE, name="agent")

    with pytest.raises(ValueError, match=r"leads: the field agent is called like a target of its own"):
        refuse_inconsistent((), {"leads": replace(LEADS_IMPORT, fields=(*LEADS_IMPORT.fields, agent))})


def test_a_field_to_set_back_that_is_no_column_is_refused() -> None:
    assert isinstance(LEAD.revert, Revertible)
    revert = replace(LEAD.revert, fields={**LEAD.revert.fields, "patience": next(iter(LEAD.revert.fields.values()))})

    with pytest.raises(ValueError, match="lead: the field patience is to be set back, and is no column of its table"):
        refuse_inconsistent((replace(LEAD, revert=revert),), {})


def test_a_bound_of_what_is_no_column_is_refused() -> None:
    assert isinstance(LEAD.revert, Revertible)
    revert = replace(LEAD.revert, inputs=(*LEAD.revert.inputs, TaskInput))

    with pytest.raises(ValueError, match="lead: TaskInput bounds due_at, which is no column of its table"):
        refuse_inconsistent((replace(LEAD, revert=revert),), {})


def test_a_filter_that_nothing_leads_to_is_refused() -> None:
    assert LEAD.listed is not None
    listed = replace(LEAD.listed, pickers=LEAD.listed.pickers[1:])

    with pytest.raises(ValueError, match="lead: no picker asks for the filter qualification"):
        refuse_inconsistent((replace(LEAD, listed=listed),), {})


def test_a_picker_of_no_filter_is_refused() -> None:
    assert LEAD.listed is not None
    listed = replace(LEAD.listed, linked=("patience",))

    with pytest.raises(ValueError, match="lead: there is no filter patience to pick or to link to"):
        refuse_inconsistent((replace(LEAD, listed=listed),), {})


def test_a_picker_that_nothing_draws_is_refused() -> None:
    fields = tuple(replace(one, kind=TextField()) if one.name in {"stage", "csr"} else one for one in LEAD.fields)

    with pytest.raises(ValueError, match=r"lead: nothing says what the picker stage offers.*\n.*the picker csr offers"):
        refuse_inconsistent((replace(LEAD, fields=fields),), {})


@pytest.mark.parametrize("override", [{"own_pickers": ("stage",)}, {"offered": {"stage": lambda _actor: []}}])
def test_a_picker_that_is_overridden_needs_no_kind(override: dict[str, Any]) -> None:
    assert LEAD.listed is not None
    plain = replace(LEAD.field("stage"), kind=TextField(), imported=None)
    fields = tuple(plain if one.name == "stage" else one for one in LEAD.fields)

    refuse_inconsistent(
        (replace(LEAD, fields=fields, listed=replace(LEAD.listed, **override)),), {"leads": LEADS_IMPORT}
    )


@pytest.mark.parametrize(
    "override", [{"own_pickers": ("patience",)}, {"also_offered": {"patience": (("hot,warm", "Hot or warm"),)}}]
)
def test_what_is_said_of_a_picker_that_the_bar_does_not_have_is_refused(override: dict[str, Any]) -> None:
    assert LEAD.listed is not None

    with pytest.raises(ValueError, match="lead: the bar has no picker patience"):
        refuse_inconsistent((replace(LEAD, listed=replace(LEAD.listed, **override)),), {})


def test_all_of_it_is_told_at_once_and_nothing_is_built() -> None:
    leads = replace(LEADS_IMPORT, fields=(_PATIENCE, replace(_PATIENCE, name="mood")))

    with pytest.raises(ValueError, match=r"patience[^\n]*\n[^\n]*mood"):
        build_registry([Feature(imports=(leads,))])


def _table(column: Column[Any], *items: Any) -> Table:
    return Table("cars", MetaData(), Column("organization_id", Uuid), column, *items)


@pytest.mark.parametrize("type_", [Text(), ARRAY(Text), LargeBinary(), JSONB(), INET(), TSVECTOR()], ids=repr)
def test_a_column_that_does_not_say_what_it_holds_about_people_is_refused(type_: TypeEngine[Any]) -> None:
    with pytest.raises(ValueError, match=r"cars\.owner does not say what it holds .* mapped_column\(info=holds\.…\)"):
        refuse_unclassified([_table(Column("owner", type_))], ())


def test_what_cannot_say_anything_of_anybody_needs_no_word() -> None:
    number, made = Column("owner", Integer), Column("owner", Text, Computed("lower(plate)"))

    refuse_unclassified([_table(number), _table(made), _table(Column("owner", Text), one_of("owner", ImportKind))], ())


def test_a_personal_column_that_nothing_erases_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cars\.owner is holds\.PERSONAL, and nothing erases it"):
        refuse_unclassified([_table(Column("owner", Text, info=holds.PERSONAL))], ())


@pytest.mark.parametrize("word", [holds.STAFF, holds.TRAIL, holds.NOBODY], ids=str)
def test_a_column_that_is_erased_though_its_model_says_otherwise_is_refused(word: dict[Any, Any]) -> None:
    place = Personal("cars", _l("Cars"), lambda c, who: c.id == who.card_id, {"owner": Way.CLEARED})

    with pytest.raises(ValueError, match=r"cars\.owner is erased by a privacy\.py, and its model says otherwise"):
        refuse_unclassified([_table(Column("owner", Text, info=word))], [place])


def test_the_app_does_not_start_with_such_a_column(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Base.metadata.tables["leads"].c.dead_reason, "info", {})

    with pytest.raises(ValueError, match=r"leads\.dead_reason does not say what it holds"):
        create_app(app.config["SETTINGS"])
