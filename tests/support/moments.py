"""Test runs at later times, such as near midnight, on a leap day, or shortly after a clock change.

`python -m tests.support.moments tests/demo tests/imports` runs the tests in these folders, by default all tests.
PostgreSQL also has the shifted clock, since the tests start it. Only the wall clock (date and time) is shifted: waiting
uses the monotonic clock, and if faketime shifted that as well, threads would wait for hours. Failed tests are run again
once, because timers can go off too early or too late under faketime. `MOMENTS=leap-day,two-years` selects the times.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

_HERE = Path(__file__).parent
_NEW_YORK, _PHOENIX = ZoneInfo("America/New_York"), ZoneInfo("America/Phoenix")
_NO_TESTS_FAILED_BEFORE = 5


def moments(now: datetime) -> dict[str, datetime]:
    """Return times after `now` by name, in UTC, such as a leap day or just before midnight."""
    days = [now.date() + timedelta(days=number) for number in range(1, 8 * 366)]  # a century can skip a leap day
    weekend = next(day for day in days if day.isoweekday() == 6)
    last_of_month = next(day for day in days if (day + timedelta(days=1)).day == 1)
    leap_day = next(day for day in days if (day.month, day.day) == (2, 29))
    forward, back = _clock_changes(now)
    local = {
        "weekend": datetime.combine(weekend, time(13, 30), _NEW_YORK),
        "sunday-morning": datetime.combine(weekend + timedelta(days=1), time(8, 30), _NEW_YORK),
        "end-of-month": datetime.combine(last_of_month, time(23, 50), _NEW_YORK),
        "just-after-midnight": datetime.combine(days[0], time(0, 5), _NEW_YORK),
        "just-before-midnight": datetime.combine(days[0], time(23, 55), _NEW_YORK),
        "just-after-midnight-west": datetime.combine(days[0], time(0, 5), _PHOENIX),
        "just-before-midnight-west": datetime.combine(days[0], time(23, 55), _PHOENIX),
    }
    return {name: moment.astimezone(UTC) for name, moment in local.items()} | {
        "leap-day": datetime.combine(leap_day, time(23, 50), UTC),
        "clocks-forward": forward,
        "clocks-back": back,
        "friday-evening": datetime.combine(weekend - timedelta(days=1), time(18, 15), UTC) + timedelta(days=7),
        "two-years": now + timedelta(days=2 * 365),
    }


def _clock_changes(now: datetime) -> tuple[datetime, datetime]:
    """Return the times half an hour after New York's next changes to and from daylight saving time."""
    hour = now.astimezone(UTC).replace(minute=30, second=0, microsecond=0)
    found: dict[bool, datetime] = {}
    for _number in range(366 * 24):
        before, hour = hour.astimezone(_NEW_YORK).utcoffset(), hour + timedelta(hours=1)
        after = hour.astimezone(_NEW_YORK).utcoffset()
        if before is not None and after is not None and before != after:
            found.setdefault(after > before, hour)
    return found[True], found[False]


def main(areas: Sequence[str]) -> int:
    """Run the tests of `areas` at each time; return 1 if tests failed twice."""
    if shutil.which("faketime") is None:
        raise SystemExit("faketime isn’t installed. Run apt-get install faketime.")
    every = moments(datetime.now(UTC))
    wanted = os.environ.get("MOMENTS", "").replace(",", " ").split() or list(every)
    if unknown := [name for name in wanted if name not in every]:
        raise SystemExit(f"Unknown moments: {', '.join(unknown)}. Available: {', '.join(every)}.")
    failed = [name for name in wanted if not _passes(name, every[name], areas)]
    click.echo("\n".join(_summary(wanted, failed, every)))
    return 1 if failed else 0


def _passes(name: str, moment: datetime, areas: Sequence[str]) -> bool:
    click.echo(f"\n{name}: {moment:%A %Y-%m-%d %H:%M} UTC")
    tests = ["-o", f"cache_dir=var/moments/{name}", *(areas or ["tests"])]
    if _pytest(moment, *tests) == 0:
        return True
    click.echo(f"\n{name}: rerunning failed tests")
    return _pytest(moment, "--last-failed", "--last-failed-no-failures", "none", *tests) in {0, _NO_TESTS_FAILED_BEFORE}


def _pytest(moment: datetime, *arguments: str) -> int:
    command = ["faketime", "-f", f"@{moment:%Y-%m-%d %H:%M:%S}", sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, env=_environment(os.environ), check=False).returncode


def _environment(outer: Mapping[str, str]) -> dict[str, str]:
    # The folder has a sitecustomize.py, which Python imports at startup.
    return {**outer, "TZ": "UTC", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "PYTHONPATH": str(_HERE / "faketime")}


def _summary(wanted: Sequence[str], failed: Sequence[str], every: Mapping[str, datetime]) -> Iterator[str]:
    yield ""
    for name in wanted:
        yield f"{'failed' if name in failed else 'passed'}  {every[name]:%Y-%m-%d %H:%M} UTC  {name}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
