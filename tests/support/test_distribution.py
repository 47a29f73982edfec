"""Distribution of tests to workers: whole folders, and whole files of large ones, in the order of collection."""

from tests.support.distribution import _MAX_TESTS_OF_FOLDER, scopes_of


def test_a_small_folder_goes_to_one_worker_and_a_large_one_by_file() -> None:
    small = ["tests/work/leads/test_a.py::test_1", "tests/work/leads/test_b.py::test_2"]
    large = [f"tests/api/test_{name}.py::test_{number}" for name in "ab" for number in range(_MAX_TESTS_OF_FOLDER)]
    scopes = dict(scopes_of([*small, *large]))

    assert scopes[small[0]] == scopes[small[1]]
    assert len({scopes[test] for test in large}) == 2
    assert scopes[large[0]] == scopes[large[1]] != scopes[large[-1]]


def test_tests_of_a_folder_that_come_later_are_another_piece_of_work() -> None:
    first, browser = "tests/work/leads/test_a.py::test_1", "tests/work/leads/test_a.py::test_in_a_browser"
    scopes = dict(scopes_of([first, "tests/work/tasks/test_b.py::test_2", browser]))

    assert len({*scopes.values()}) == 3
    assert scopes[first] != scopes[browser]
