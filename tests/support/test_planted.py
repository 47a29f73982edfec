"""Lists of planted faults, compared with the current state of the project."""

import re
from collections import Counter
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT
from tests.support.planted.catalog import FAULTS, FRESH_FAULTS, WORK_FAULTS
from tests.support.planted.fault import AREAS, FRESH_KINDS, Fault, Kind, NotPlantable
from tests.support.planted.nearest import further_tests, nearest_tests

EVERY = (*FAULTS, *WORK_FAULTS, *FRESH_FAULTS)
BY_KIND = Counter(fault.kind for fault in FAULTS)


def test_there_are_sixty_with_names_of_their_own() -> None:
    names = [fault.name for fault in FAULTS]

    assert len(names) == len(set(names)) == 60
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


def test_all_kinds_are_covered() -> None:
    assert sum(BY_KIND[kind] for kind in Kind if kind not in AREAS) >= 40
    assert {kind: BY_KIND[kind] for kind in AREAS} == dict.fromkeys(AREAS, 4)
    assert min(BY_KIND[kind] for kind in Kind if kind not in FRESH_KINDS) >= 3


def test_of_the_work_there_are_ten_of_each_layer() -> None:
    layers = Counter(
        "templates"
        if fault.path.startswith("templates/")
        else fault.path.removesuffix(".py").rpartition("_")[2]
        if "_" in Path(fault.path).name
        else Path(fault.path).stem
        for fault in WORK_FAULTS
    )

    assert layers == {"rules": 10, "service": 10, "queries": 10, "templates": 10}
    assert len({fault.name for fault in (*FAULTS, *WORK_FAULTS)}) == 100


def test_of_the_fresh_ones_there_are_twenty_in_as_many_files() -> None:
    assert len(FRESH_FAULTS) == len({fault.path for fault in FRESH_FAULTS}) == 20
    assert {fault.kind for fault in FRESH_FAULTS} >= FRESH_KINDS
    assert len({fault.name for fault in EVERY}) == len(EVERY)


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.name)
def test_a_fault_replaces_a_text_that_occurs_once(fault: Fault) -> None:
    assert fault.occurrences(PROJECT_ROOT) == 1
    assert fault.new != fault.old


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.name)
def test_some_nearest_tests_of_a_fault_are_there(fault: Fault) -> None:
    assert any((PROJECT_ROOT / test.partition("::")[0]).exists() for test in fault.tests)


def test_a_planted_file_is_restored(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("a < b\n")
    fault = Fault("less-is-less", Kind.WORK, "rules.py", "<", "<=", ())

    with fault.planted(tmp_path):
        assert (tmp_path / "rules.py").read_text() == "a <= b\n"

    assert (tmp_path / "rules.py").read_text() == "a < b\n"


def test_a_text_that_is_not_there_once_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("a < b < c\n")
    fault = Fault("less-is-less", Kind.WORK, "rules.py", "<", "<=", ())

    with pytest.raises(NotPlantable), fault.planted(tmp_path):
        pass


def test_the_nearest_tests_are_those_that_there_are() -> None:
    collected = ["tests/work/test_a.py::test_one[csr]", "tests/work/test_a.py::test_one_more"]
    named = ("tests/work/test_a.py::test_one", "tests/work/test_b.py", "tests/work")
    fault = Fault("less-is-less", Kind.WORK, "app/work/calls/rules.py", "<", "<=", named)

    assert nearest_tests(fault, collected) == ["tests/work/test_a.py::test_one", "tests/work"]
    assert further_tests(fault, PROJECT_ROOT)[0] == "tests/work/calls"
