"""A pytest plugin with which a worker sends one report of a passed test, with the duration of all its phases.

By default, a worker sends the main process five messages for each test: its start, its end and a report of each phase,
with everything that was printed or logged.
"""

from collections.abc import Sequence

import pytest
from _pytest.runner import runtestprotocol  # pytest has no public function that runs a test and returns its reports


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test of a worker; tests of a process that runs alone are left to pytest."""
    if not hasattr(item.config, "workerinput"):
        return None
    for report in reports_to_send(runtestprotocol(item, nextitem=nextitem, log=False)):
        item.ihook.pytest_runtest_logreport(report=report)
    return True


def reports_to_send(reports: Sequence[pytest.TestReport]) -> list[pytest.TestReport]:
    """Return the report of the call, and that of each phase that didn't pass, from the reports of all phases.

    Those of passed phases lose their output, which is printed for failures only.
    """
    for report in reports:
        if report.passed:
            report.sections, report.keywords = [], {}
        if report.when == "call":
            report.duration = sum(phase.duration for phase in reports)
    return [report for report in reports if report.when == "call" or not report.passed]
