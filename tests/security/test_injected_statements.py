"""SQL injected into a request, with the results that docs/threat-model.md describes."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.config import PROJECT_ROOT
from tests.security.attempts import ATTEMPTS, Attempt, Met
from tests.security.injected_statements import outcome, scene
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories


@pytest.fixture
def names(database: WorkerDatabase, make: Factories) -> Iterator[dict[str, Any]]:
    with scene(database, make) as there:
        yield there


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: f"{attempt.aim}: {attempt.name}")
def test_it_meets_what_is_written_down(database: WorkerDatabase, names: dict[str, Any], attempt: Attempt) -> None:
    came = outcome(database, attempt, names)

    assert came.met == attempt.meets, came.said
    # The statement was refused by a right, a policy or a rule, and not because it is invalid.
    assert came.said[:5] in ("", "42501", "23503", "28000"), came.said


def test_there_are_forty_and_the_threat_model_tells_of_each_that_succeeds() -> None:
    told = (PROJECT_ROOT / "docs" / "threat-model.md").read_text()

    assert len(ATTEMPTS) >= 40
    succeeding = [attempt.name for attempt in ATTEMPTS if attempt.meets is Met.DONE]
    assert [name for name in succeeding if f"- {name}" not in told.lower()] == []
