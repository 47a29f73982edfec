"""Columns of resources: each says how it merges, whether the API returns it and how it is entered."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Column

from app.declarations.api import Api, Declared, NoApi
from app.declarations.field import Choice, Field, Money, Text
from app.declarations.merging import Chosen, Furthest, Together
from app.declarations.registry import Registry, build_registry
from app.declarations.resource import Resource
from app.declarations.stored import (
    Stored,
    Why,
    entered_as,
    entered_on_page,
    merged,
    not_entered,
    not_merged,
    not_returned,
    returned_as,
)
from app.declarations.stored_checks import refuse_unanswered
from app.features import FEATURES
from app.models import LeadStage
from app.work.appointments.api import APPOINTMENTS
from app.work.appointments.resource import APPOINTMENT
from app.work.contacts.resource import CONTACT_CARD, CONTACT_NOTE
from app.work.leads.api import LEADS
from app.work.leads.resource import LEAD

REGISTRY: Registry = build_registry(FEATURES)
APIS: tuple[Declared, ...] = tuple(REGISTRY.apis.values())
#: Resources whose records programs can read; each of their columns says whether it is returned.
RETURNED = frozenset(name for name, api in REGISTRY.apis.items() if not isinstance(api, NoApi))


@contextmanager
def with_patience(resource: Resource) -> Iterator[None]:
    """Add the column `patience` to the table of a resource, about which nothing is declared."""
    table = resource.model.__table__
    table.append_column(Column("patience", Boolean))
    try:
        yield
    finally:
        table._columns.remove(table.c.patience)


@pytest.mark.parametrize("name", REGISTRY.resources)
def test_no_resource_starts_with_a_column_that_says_nothing(name: str) -> None:
    resource = REGISTRY.resources[name]
    with with_patience(resource), pytest.raises(ValueError, match="patience") as refusal:
        refuse_unanswered((resource,), APIS)

    answered = {line.partition(".")[2].partition(" Give")[0].partition(" Set")[0] for line in lines(refusal)}
    expected = {"patience does not say how it is entered."}
    expected |= {"patience does not say whether the API returns it."} if name in RETURNED else set()
    expected |= {"patience does not say how it merges."} if resource.merge_rules else set()
    assert answered == expected
    assert all(line.startswith(f"{name}.patience ") for line in lines(refusal))


def test_the_app_does_not_start_with_such_a_column() -> None:
    with with_patience(LEAD), pytest.raises(ValueError, match=r"lead\.patience does not say how it merges"):
        build_registry(FEATURES)


def lines(refusal: pytest.ExceptionInfo[ValueError]) -> list[str]:
    return str(refusal.value).splitlines()


def refused(*stored: Stored, resource: Resource = LEAD, fields: tuple[Field, ...] = ()) -> str:
    """Return the refusal of a resource with further answers and fields."""
    changed = replace(resource, stored=(*resource.stored, *stored), fields=(*resource.fields, *fields))
    with pytest.raises(ValueError, match=resource.name) as refusal:
        refuse_unanswered((changed,), APIS)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (not_entered("The app sets it.", "patience"), "lead.patience is no column of leads that is stored"),
        (not_merged("The app sets it.", "stage"), "lead.stage says twice how it merges"),
        (
            not_returned("It is not needed.", "stage"),
            "lead.stage: `stored` says whether the API returns it, and another",
        ),
        (entered_on_page("source"), "lead.source: `stored` says how it is entered, and another declaration too"),
        (returned_as("patience", "external_id"), "lead.external_id: the API has no patience"),
        (entered_as("patience", "external_id"), "lead.external_id: the API has no patience"),
        (merged(Together.JOINED, "external_id"), "lead.external_id: its merge does not know Together.JOINED"),
    ],
)
def test_an_answer_that_is_not_true_is_refused(stored: Stored, message: str) -> None:
    assert message in refused(stored)


def test_rows_that_never_become_one_have_no_rules() -> None:
    message = refused(merged(Furthest(), "status"), resource=APPOINTMENT)

    assert "appointment.status says how it merges, and rows of this resource are never merged" in message


def test_a_column_that_the_database_computes_is_answered_by_what_it_is_computed_from() -> None:
    refuse_unanswered((CONTACT_CARD,), APIS)
    message = refused(not_entered("The app sets it.", "full_name"), resource=CONTACT_CARD)

    assert "contact_card.full_name is no column of contact_cards that is stored" in message


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (Field("mood", _l("Reason"), is_returned=True), "lead.mood is no column of leads"),
        (Field("dead_reason", _l("Reason"), Money(), is_returned=True), "neither a text nor a choice"),
        (Field("external_id", _l("ID"), Text(), is_returned=True), "the record of the API lacks it"),
        (Field("external_id", _l("ID"), Text(), is_entered=True), "no input of the API accepts it"),
        (Field("external_id", _l("ID"), Text(), is_entered=True), "nothing says how long it may be"),
        (Field("stage", _l("Stage"), Choice(LeadStage), merged=Chosen()), "its merge does not know Chosen("),
    ],
)
def test_a_field_that_promises_too_much_is_refused(field: Field, message: str) -> None:
    assert message in refused(fields=(field,))


@pytest.mark.parametrize("sentence", ["", "internal", "later: part", "the app sets it.", "The app sets it", "No."])
def test_a_reason_is_a_sentence(sentence: str) -> None:
    with pytest.raises(ValueError, match="isn’t a sentence"):
        Why(sentence)
    with pytest.raises(ValueError, match="isn’t a sentence"):
        NoApi(CONTACT_NOTE, sentence)


def test_what_the_inputs_and_the_record_have_needs_no_further_answer() -> None:
    assert isinstance(LEADS, Api)
    without = replace(LEADS, change=None, create=None)

    refuse_unanswered((LEAD, APPOINTMENT), (LEADS, APPOINTMENTS))
    with pytest.raises(ValueError, match=r"lead\.source does not say how it is entered"):
        refuse_unanswered((LEAD,), (without,))
