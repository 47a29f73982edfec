"""Reports that a worker of the tests sends to the main process."""

from typing import Literal

import pytest

from tests.support.reporting import reports_to_send

Outcome = Literal["passed", "failed", "skipped"]


def test_a_test_that_passes_has_one_report_without_output() -> None:
    (report,) = reports_to_send([phase("setup"), phase("call"), phase("teardown")])

    assert (report.when, report.passed, report.sections) == ("call", True, [])
    assert report.duration == 3


def test_a_failure_is_reported_with_its_output() -> None:
    (report,) = reports_to_send([phase("setup"), phase("call", "failed"), phase("teardown")])

    assert (report.when, report.failed, report.sections) == ("call", True, [("Captured log", "line")])


def test_a_test_that_fails_outside_its_call_has_a_report_of_that_phase() -> None:
    assert [report.when for report in reports_to_send([phase("setup", "failed"), phase("teardown")])] == ["setup"]
    late = reports_to_send([phase("setup"), phase("call"), phase("teardown", "failed")])
    assert [(report.when, report.outcome) for report in late] == [("call", "passed"), ("teardown", "failed")]
    assert [report.outcome for report in reports_to_send([phase("setup", "skipped"), phase("teardown")])] == ["skipped"]


def phase(when: Literal["setup", "call", "teardown"], outcome: Outcome = "passed") -> pytest.TestReport:
    """Return the report of a phase that took a second and logged a line."""
    location = ("test_a.py", 1, "test_a")
    sections = [("Captured log", "line")]
    return pytest.TestReport("test_a.py::test_a", location, {"test_a": 1}, outcome, None, when, sections, duration=1)
