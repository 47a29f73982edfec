"""Turns: which pairs a run does, and how it says so."""

from collections import Counter

import pytest

from tests.support import turns_plugin
from tests.support.turns import ALL, PARTS, Turn, chosen_part, described, takes_turns

#: About as many forms as the project has.
FORMS = tuple(f"forms.update_{number}" for number in range(100))
VALUES = tuple(range(13))


@pytest.fixture
def _any_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts that a test can set without changing the run's own."""
    monkeypatch.setattr(Turn, "part", Turn.part)


def pairs_of(part: int | None, values: tuple[int, ...] = VALUES) -> list[tuple[int, str]]:
    Turn.part = part
    return [(value, form) for form in FORMS for value in Turn.of(values, form)]


@pytest.mark.usefixtures("_any_part")
def test_each_pair_is_in_one_part_and_each_part_has_every_value_and_every_form() -> None:
    parts = [pairs_of(part) for part in range(1, PARTS + 1)]

    assert Counter(pair for part in parts for pair in part) == Counter(pairs_of(None))
    for part in parts:
        assert {form for _value, form in part} == set(FORMS)
        assert {value for value, _form in part} == set(VALUES)


@pytest.mark.usefixtures("_any_part")
def test_of_two_values_a_form_always_has_one_and_the_other_in_the_next_part() -> None:
    parts = [pairs_of(part, (1, 2)) for part in range(1, PARTS + 1)]

    assert [len(part) for part in parts] == [len(FORMS)] * PARTS
    assert set(parts[0]) | set(parts[1]) == set(pairs_of(None, (1, 2)))
    assert parts[:2] == parts[2:]
    assert pairs_of(1, ()) == []


@pytest.mark.usefixtures("_any_part")
def test_what_takes_turns_whole_is_in_one_part() -> None:
    names = [f"tests/support/test_tea.py::test_{number}" for number in range(40)]
    counts = Counter[str]()
    for part in range(1, PARTS + 1):
        Turn.part = part
        counts.update(filter(Turn.has, names))

    assert counts == Counter(names)
    assert takes_turns(names[0])
    assert not takes_turns("tests/contract/test_routes.py::test_every_role")


@pytest.mark.usefixtures("_any_part")
def test_a_marked_test_runs_in_its_part_alone(request: pytest.FixtureRequest) -> None:
    item = request.node
    assert isinstance(item, pytest.Item)
    item.add_marker(pytest.mark.turn(3))
    left = {}
    for part in (None, *range(1, PARTS + 1)):
        Turn.part = part
        items = [item]
        turns_plugin.pytest_collection_modifyitems(request.config, items)
        left[part] = len(items)

    assert left == {None: 1, 1: 0, 2: 0, 3: 1, 4: 0}


@pytest.mark.parametrize(
    ("choice", "head", "is_full_run", "part"),
    [
        ("2", "f0", True, 2),
        ("2", None, False, 2),
        (ALL, "f0", True, None),
        (None, "f0", True, 1),
        ("", "f3", True, 4),
        (None, "f3", False, None),
        (None, None, True, None),
    ],
)
def test_the_part_is_the_chosen_one_or_that_of_the_commit(
    choice: str | None, head: str | None, *, is_full_run: bool, part: int | None
) -> None:
    assert chosen_part(choice, head, is_full_run=is_full_run) == part


@pytest.mark.parametrize("choice", ["0", "5", "two", "-1", "1.5"])
def test_what_is_no_part_is_refused(choice: str) -> None:
    with pytest.raises(ValueError, match=r"a number from 1 to 4, or 'all'"):
        chosen_part(choice, None, is_full_run=True)


@pytest.mark.parametrize("has_failed", [True, False])
@pytest.mark.usefixtures("_any_part")
def test_a_failure_says_its_part(*, has_failed: bool) -> None:
    Turn.part = 2
    place = ("tests/tea.py", 1, "")
    report = pytest.TestReport("tests/tea.py::test_tea", place, {}, "failed" if has_failed else "passed", None, "call")
    hook = turns_plugin.pytest_runtest_makereport()
    next(hook)
    with pytest.raises(StopIteration):
        hook.send(report)

    assert [text for _name, text in report.sections] == ([described(2)] if has_failed else [])
    assert described(2) == "part 2 of 4 (TEST_PART=2)"
