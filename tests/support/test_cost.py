"""The cost of a run: measuring a command, charging CPU to tests, and the limit."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import psycopg
import pytest

from app.config import PROJECT_ROOT
from app.db.embedded import SUPERUSER
from tests.support.cost.limit import PATH as LIMIT
from tests.support.cost.limit import Limit, limit_of, load_limit, save_limit, verdict
from tests.support.cost.meter import Backends, Cpu, Meter
from tests.support.cost.record import CostRecord, Kind, Slice, load_cost, save_cost
from tests.support.cost.recording import CostGathering, Ledger, process_of
from tests.support.cost.yardstick import Yardstick
from tests.support.database import WorkerDatabase

_WORKS = "import time\nwhile time.process_time() < 0.5: pass"
_SLOW_SQL = "SELECT count(*) FROM generate_series(1, 400000) AS n WHERE md5(n::text) < '5'"


def made(**tests: float) -> CostRecord:
    """Return the record of a run whose tests took these seconds, where a piece of work takes 10 ms."""
    record = CostRecord(workers=1, slices=[[Slice(sum(tests.values()), 0.005, 0.003, 0.002)]])
    for name, seconds in tests.items():
        record.charge_test(f"tests/test_{name}.py::test_it", Kind.DIRECT, Cpu(python=seconds), 0.0)
    return record


def git(*arguments: str) -> str:
    """Return the output of a command of Git; nothing without a repository."""
    program = shutil.which("git")
    if program is None:
        return ""
    done = subprocess.run([program, *arguments], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    return done.stdout


class TestMeasuring:
    def test_a_process_that_outlives_its_starter_counts(self) -> None:
        leaving = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {_WORKS!r}]); sys.exit(3)"
        command = [sys.executable, "-m", "tests.support.cost", sys.executable, "-c", leaving]
        measured = subprocess.run(command, capture_output=True, text=True, check=False)

        assert measured.returncode == 3
        figures = re.fullmatch(r"([\d.]+) s, ([\d.]+) s of CPU\n", measured.stderr)
        assert figures is not None, measured.stderr
        assert float(figures[2]) >= 0.5


class TestMeter:
    def test_statements_count_also_of_a_connection_that_is_closed(self, database: WorkerDatabase) -> None:
        backends = Backends(process_of(database.server), database.name)
        before = backends.read()
        with psycopg.connect(database.url(SUPERUSER)) as connection:
            connection.execute(_SLOW_SQL)
            backends.read_closing(connection.info.backend_pid)
        during = backends.read()

        assert during - before > 0.02
        assert backends.read() >= during

    def test_those_of_another_database_do_not(self, database: WorkerDatabase) -> None:
        backends = Backends(process_of(database.server), "nobodys")
        with psycopg.connect(database.url(SUPERUSER)) as connection:
            connection.execute(_SLOW_SQL)

            assert backends.read() == 0

    def test_a_child_counts_while_it_lives_and_after(self) -> None:
        meter = Meter()
        before = meter.read().children
        with subprocess.Popen([sys.executable, "-c", f"{_WORKS}\ninput()"], stdin=subprocess.PIPE) as child:
            while meter.read().children - before < 0.3:
                assert child.poll() is None
            child.communicate(b"\n")

        assert meter.read().children - before > 0.4  # in hundredths of a second

    def test_a_period_is_charged_without_those_inside_it(self) -> None:
        readings = iter([1.0, 3.0, 6.0, 10.0])
        ledger = Ledger(cast(Meter, SimpleNamespace(read=lambda **_options: Cpu(python=next(readings)))))
        ledger.begin()
        ledger.begin()

        assert ledger.end() == Cpu(python=3.0)
        assert ledger.end() == Cpu(python=2.0 + 4.0)


class TestRecord:
    def test_it_comes_back_from_its_file(self, tmp_path: Path) -> None:
        record = made(tea=2.0, cake=1.0)
        record.charge_line("collection", 0.5)
        record.charge_fixture("pot", 0.25)
        save_cost(record, tmp_path / "cost.json")

        assert load_cost(tmp_path / "cost.json") == record
        assert load_cost(tmp_path / "other.json") is None

    def test_records_of_workers_become_one(self) -> None:
        gathering = CostGathering()
        gathering.pytest_testnodedown(SimpleNamespace())  # a crashed one
        for record in (made(tea=2.0), made(cake=1.0)):
            gathering.pytest_testnodedown(SimpleNamespace(workeroutput={"cost": record.to_data(), "tests": 2}))

        assert gathering.record.seconds == 3.0
        assert gathering.record.workers == 2

    def test_what_a_slow_quarter_of_an_hour_does_is_worth_as_many_pieces(self) -> None:
        even = CostRecord(lines={"all": 20.0}, slices=[[Slice(1.0, 0.01, 0.0, 0.0)] * 20])
        half_slow = [*([Slice(1.0, 0.01, 0.0, 0.0)] * 10), *([Slice(2.0, 0.02, 0.0, 0.0)] * 10)]
        uneven = CostRecord(lines={"all": 30.0}, slices=[half_slow])

        assert even.pieces == pytest.approx(2000)
        assert uneven.pieces == pytest.approx(2000)

    def test_a_single_disturbed_measurement_changes_nothing(self) -> None:
        slices = [Slice(1.0, 0.01, 0.0, 0.0)] * 20
        slices[7] = Slice(1.0, 0.5, 0.0, 0.0)

        assert CostRecord(lines={"all": 20.0}, slices=[slices]).pieces == pytest.approx(2000)


def test_the_piece_of_work_has_a_cost_in_python_sql_and_a_page(database: WorkerDatabase) -> None:
    yardstick = Yardstick(database.server.url(SUPERUSER, "postgres"))
    try:
        piece = yardstick.measure()
    finally:
        yardstick.close()

    assert piece is not None
    assert all(seconds > 0 for seconds in piece)


class TestLimit:
    @pytest.fixture
    def before(self) -> CostRecord:
        """A run of which each test takes a tenth."""
        return made(**{f"n{number}": 1.0 for number in range(10)})

    @pytest.mark.parametrize(("share", "is_over"), [(0.15, True), (0.03, False)])
    def test_a_run_with_an_expensive_new_test_fails_by_name(
        self, before: CostRecord, share: float, *, is_over: bool
    ) -> None:
        limit = limit_of(before, margin=0.1)
        now = made(**{f"n{number}": 1.0 for number in range(10)}, added=10 * share)

        assert limit.is_exceeded_by(now) == is_over
        lines = list(verdict(limit, now))
        assert lines[0].startswith(f"{10 + 10 * share:,.0f} s of CPU, ")
        named = [line.split()[-1] for line in lines[2:]]
        assert named[:1] == (["tests/test_added.py"] if is_over else [])
        assert ("tests/test_added.py::test_it" in named) == is_over

    def test_it_comes_back_from_its_file(self, before: CostRecord, tmp_path: Path) -> None:
        before.charge_test('tests/test_tea.py::test_it["milk"\\n]', Kind.DIRECT, Cpu(python=1.0), 0.0)
        limit = limit_of(before, margin=0.1)
        save_limit(limit, tmp_path / "cost.toml")

        assert load_limit(tmp_path / "cost.toml") == limit
        assert load_limit(tmp_path / "other.toml") is None

    def test_the_projects_own_can_be_read(self) -> None:
        limit = load_limit(PROJECT_ROOT / LIMIT)

        assert isinstance(limit, Limit)
        assert limit.pieces > 0
        assert 0.1 <= limit.margin <= 0.3
        assert sum(limit.tests.values()) < sum(limit.files.values()) < limit.pieces

    def test_the_projects_own_changes_only_in_commits_of_its_own_that_say_why(self) -> None:
        # The oldest commit of a shallow clone has no parent, and seems to add every file.
        for commit in git("log", "--min-parents=1", "--no-merges", "--format=%H", "--", str(LIMIT)).split():
            assert git("show", "--name-only", "--format=", commit).split() == [str(LIMIT)], commit
            assert git("show", "--no-patch", "--format=%b", commit).strip(), commit
