"""An imported field that can't be stored by its declaration alone: the app refuses to start and explains the fix."""

from collections.abc import Mapping
from typing import Any

import pytest
from flask_babel import lazy_gettext as _l

from app.data.imports.declared_service import staged_table
from app.declarations.field import Choice, Field, Imported, Number
from app.declarations.imported_fields import DeclaredFields
from app.models import LeadStage
from app.work.leads.import_record_rules import LeadRecord
from app.work.leads.import_rules import BY_RULE
from app.work.leads.resource import LEAD

_TEXT = Imported(("reason",), longest=20)


def _field(name: str, **said: Any) -> Field:
    return Field(name, _l("Reason"), **{"imported": _TEXT, **said})


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        (_field("dead_reason", imported=None), "the field dead_reason does not say how a file gives it"),
        (_field("dead_reason", kind=Number()), "the field dead_reason is neither a text nor a choice"),
        (
            _field("dead_reason", imported=Imported(("reason",))),
            "the field dead_reason does not say how long it may be",
        ),
        (_field("patience"), "the field patience is no column of leads"),
        (_field("source"), "leads.source cannot be empty, and source can"),
    ],
)
def test_a_field_that_is_not_simple_needs_a_rule(field: Field, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^imports of lead: {sentence}"):
        DeclaredFields(LEAD, fields=(field,))

    assert DeclaredFields(LEAD, (field.name,), (field,)).columns == {}


def test_a_rule_for_no_field_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no field patience to read and store by a rule"):
        DeclaredFields(LEAD, ("patience", *BY_RULE))


@pytest.mark.parametrize(
    ("said", "column"),
    [
        ({"name": "dead_reason"}, "dead_reason"),
        ({"name": "reason", "shows": "dead_reason"}, "dead_reason"),
        ({"name": "reason", "recorded": ("dead_reason",)}, "dead_reason"),
        ({"name": "stage", "kind": Choice(LeadStage), "imported": Imported(("stage",), usual=LeadStage.NEW)}, "stage"),
    ],
)
def test_a_simple_field_is_stored_in_the_column_that_it_tells_of(said: Mapping[str, Any], column: str) -> None:
    assert DeclaredFields(LEAD, fields=(_field(**said),)).columns == {said["name"]: column}


def test_a_field_that_would_be_staged_beside_one_of_the_record_is_refused() -> None:
    declared = DeclaredFields(LEAD, fields=(_field("dead_reason"),))

    with pytest.raises(ValueError, match="staged_leads would have two columns dead_reason"):
        staged_table("staged_leads", declared, LeadRecord)
