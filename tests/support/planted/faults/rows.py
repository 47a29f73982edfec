"""Faults by which a test leaves rows behind for the next one."""

from tests.support.planted.fault import Fault, Kind

_DATABASE = "tests/support/database.py"

ROWS: tuple[Fault, ...] = (
    Fault(
        name="counters-of-rate-limits-stay",
        kind=Kind.LEFT_ROW,
        path=_DATABASE,
        old='"context_keys", "plans", "system_settings")',
        new='"context_keys", "plans", "rate_limits", "system_settings")',
        tests=("tests/web/test_rate_limits.py", "tests/people/sign_in/test_throttle.py"),
    ),
    Fault(
        name="queued-jobs-stay",
        kind=Kind.LEFT_ROW,
        path=_DATABASE,
        old='"context_keys", "plans", "system_settings")',
        new='"context_keys", "plans", "procrastinate_jobs", "system_settings")',
        tests=("tests/ops/jobs/test_schedule.py",),
    ),
    Fault(
        name="organizations-stay",
        kind=Kind.LEFT_ROW,
        path=_DATABASE,
        old='"context_keys", "plans", "system_settings")',
        new='"context_keys", "organizations", "plans", "system_settings")',
        tests=("tests/work/note_templates", "tests/platform/organizations"),
    ),
)
