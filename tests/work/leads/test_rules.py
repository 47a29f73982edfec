"""Stages that a user can choose, the stage of a reopened lead, and distribution among reps."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest

from app.models import LeadStage, Qualification
from app.work.leads.rules import (
    Visits,
    next_in_turn,
    refusal_of_reopening,
    refusal_of_stage,
    stage_after_reopening,
    stages_by_hand,
)
from tests.support.factories import DAY

NEW, QUALIFIED, BOOKED, PENDING, DEAD = LeadStage
ANN, BOB, CAT = (UUID(int=number) for number in (1, 2, 3))


@dataclass
class Lead:
    stage: str = NEW
    closed_at: datetime | None = None
    won_at: datetime | None = None


@pytest.mark.parametrize("stage", LeadStage)
@pytest.mark.parametrize("visits", [Visits(), Visits(is_scheduled=True), Visits(is_undecided=True)])
def test_nobody_books_a_lead_by_hand(stage: LeadStage, visits: Visits) -> None:
    assert refusal_of_stage(Lead(stage), BOOKED, visits) is not None


@pytest.mark.parametrize(
    ("stage", "visits", "expected"),
    [
        (NEW, Visits(), [QUALIFIED, DEAD]),
        (QUALIFIED, Visits(), [NEW, DEAD]),
        (BOOKED, Visits(is_scheduled=True), []),
        (BOOKED, Visits(), [NEW, QUALIFIED, DEAD]),
        (BOOKED, Visits(is_undecided=True), [NEW, QUALIFIED, PENDING, DEAD]),
        (PENDING, Visits(is_undecided=True), [NEW, QUALIFIED, DEAD]),
    ],
)
def test_by_hand_a_lead_moves_where_no_appointment_says_otherwise(
    stage: LeadStage, visits: Visits, expected: list[LeadStage]
) -> None:
    assert stages_by_hand(Lead(stage), visits) == expected


def test_a_closed_lead_moves_nowhere() -> None:
    assert stages_by_hand(Lead(DEAD, closed_at=DAY), Visits()) == []


def test_a_dead_lead_is_reopened_and_an_open_or_a_won_one_is_not() -> None:
    assert refusal_of_reopening(Lead(DEAD, closed_at=DAY)) is None
    assert refusal_of_reopening(Lead(NEW)) is not None
    assert refusal_of_reopening(Lead(BOOKED, closed_at=DAY, won_at=DAY)) is not None


@pytest.mark.parametrize(
    ("qualification", "visits", "expected"),
    [
        (None, Visits(), NEW),
        (Qualification.COLD, Visits(), NEW),
        (Qualification.UNQUALIFIED, Visits(), NEW),
        (Qualification.WARM, Visits(), QUALIFIED),
        (Qualification.HOT, Visits(), QUALIFIED),
        (None, Visits(is_undecided=True), PENDING),
        (Qualification.HOT, Visits(is_scheduled=True, is_undecided=True), BOOKED),
    ],
)
def test_a_reopened_lead_begins_where_its_work_leaves_it(
    qualification: Qualification | None, visits: Visits, expected: LeadStage
) -> None:
    assert stage_after_reopening(qualification, visits) == expected


@pytest.mark.parametrize(
    ("load", "latest_first", "expected"),
    [
        ({ANN: 2, BOB: 1, CAT: 3}, [], BOB),
        ({ANN: 1, BOB: 1}, [], CAT),
        ({ANN: 1, BOB: 1, CAT: 1}, [ANN, BOB, CAT, ANN, BOB], CAT),
        ({ANN: 1, BOB: 1, CAT: 1}, [ANN, CAT, BOB, BOB], BOB),
        ({ANN: 1, BOB: 1, CAT: 1}, [CAT, ANN, CAT], BOB),
    ],
)
def test_the_next_lead_goes_to_the_fewest_and_then_to_the_longest_wait(
    load: dict[UUID, int], latest_first: list[UUID], expected: UUID
) -> None:
    assert next_in_turn([ANN, BOB, CAT], load, latest_first) == expected
