"""What is declared and would not be done keeps the app from starting, and says what is missing."""

from dataclasses import replace
from typing import Any

import pytest
from flask_babel import lazy_gettext as _l

from app.declarations.consistency import refuse_inconsistent
from app.declarations.feature import Feature
from app.declarations.field import Field, Imported, Text
from app.declarations.registry import build_registry
from app.declarations.revertible import Revertible
from app.features import FEATURES
from app.models import ImportKind
from app.work.leads.importing import LEADS_IMPORT
from app.work.leads.resource import LEAD
from app.work.tasks.rules import TaskInput

_URGENCY = Field("urgency", _l("Reason"), imported=Imported(("urgency",), longest=20))


@pytest.mark.parametrize("kind", [*ImportKind])
def test_an_imported_field_that_is_not_staged_is_refused(kind: ImportKind) -> None:
    importable = build_registry(FEATURES).imports[kind]
    with_urgency = replace(importable, fields=(*importable.fields, _URGENCY))

    with pytest.raises(ValueError, match=f"imports of {kind}: the field urgency is imported, and staged_"):
        refuse_inconsistent((), {kind: with_urgency})


def test_a_field_to_set_back_that_is_no_column_is_refused() -> None:
    assert isinstance(LEAD.revert, Revertible)
    revert = replace(LEAD.revert, fields={**LEAD.revert.fields, "urgency": next(iter(LEAD.revert.fields.values()))})

    with pytest.raises(ValueError, match="lead: the field urgency is to be set back, and is no column of its table"):
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
    listed = replace(LEAD.listed, linked=("urgency",))

    with pytest.raises(ValueError, match="lead: there is no filter urgency to pick or to link to"):
        refuse_inconsistent((replace(LEAD, listed=listed),), {})


def test_a_picker_that_nothing_draws_is_refused() -> None:
    fields = tuple(replace(one, kind=Text()) if one.name in {"stage", "csr"} else one for one in LEAD.fields)

    with pytest.raises(ValueError, match=r"lead: nothing says what the picker stage offers.*\n.*the picker csr offers"):
        refuse_inconsistent((replace(LEAD, fields=fields),), {})


@pytest.mark.parametrize("override", [{"own_pickers": ("stage",)}, {"offered": {"stage": lambda _actor: []}}])
def test_a_picker_that_is_overridden_needs_no_kind(override: dict[str, Any]) -> None:
    assert LEAD.listed is not None
    fields = tuple(replace(one, kind=Text()) if one.name == "stage" else one for one in LEAD.fields)

    refuse_inconsistent((replace(LEAD, fields=fields, listed=replace(LEAD.listed, **override)),), {})


@pytest.mark.parametrize(
    "override", [{"own_pickers": ("urgency",)}, {"also_offered": {"urgency": (("hot,warm", "Hot or warm"),)}}]
)
def test_what_is_said_of_a_picker_that_the_bar_does_not_have_is_refused(override: dict[str, Any]) -> None:
    assert LEAD.listed is not None

    with pytest.raises(ValueError, match="lead: the bar has no picker urgency"):
        refuse_inconsistent((replace(LEAD, listed=replace(LEAD.listed, **override)),), {})


def test_all_of_it_is_told_at_once_and_nothing_is_built() -> None:
    leads = replace(LEADS_IMPORT, fields=(_URGENCY, replace(_URGENCY, name="mood")))

    with pytest.raises(ValueError, match=r"urgency[^\n]*\n[^\n]*mood"):
        build_registry([Feature(imports=(leads,))])
