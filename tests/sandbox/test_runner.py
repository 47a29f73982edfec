"""Limits of the sandbox process that reads a file, and the reasons reported when it ends."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic, sleep
from typing import IO

import pytest

from app.sandbox.runner import (
    MAX_ANSWER_BYTES,
    Limits,
    SandboxFailed,
    Unreadable,
    read_in_sandbox,
    sandboxed,
)

LIMITS = Limits(cpu_seconds=5, memory_bytes=512 * 1024**2)
Written = Callable[[str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Written:
    """Function that writes a program whose `main` has the given body."""

    def write(body: str) -> Path:
        path = tmp_path / "program.py"
        imports = "import errno, json, os, resource, socket, sys, time"
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        path.write_text(f"{imports}\ndef main(file, target, *arguments):\n{lines}\n")
        return path

    return write


@pytest.fixture
def file(tmp_path: Path) -> Iterator[IO[bytes]]:
    path = tmp_path / "file"
    path.write_bytes(b"what was sent")
    with path.open("rb") as file:
        yield file


def reason_of(program: Path, file: IO[bytes], limits: Limits = LIMITS) -> Unreadable:
    with pytest.raises(SandboxFailed) as failed:
        read_in_sandbox(program, file, limits=limits)
    return failed.value.reason


def test_it_reads_the_file_from_its_beginning_and_answers(program: Written, file: IO[bytes]) -> None:
    file.read(5)

    answer = read_in_sandbox(
        program("sys.stdout.write(file.read().decode() + arguments[0])"), file, ", read", limits=LIMITS
    )

    assert answer == b"what was sent, read"


def test_it_has_neither_environment_nor_app_nor_other_files(
    program: Written, file: IO[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret")
    body = """
def is_open(number):
    try:
        os.lseek(number, 0, os.SEEK_CUR)
    except OSError as error:
        return error.errno != errno.EBADF
    return True
def tried(act, *arguments):
    try:
        act(*arguments)
    except (OSError, ImportError):
        return False
    return True
sys.stdout.write(json.dumps({
    "environment": sorted(os.environ),
    "descriptors": [number for number in range(64) if is_open(number)],
    "other": [tried(open, "/etc/passwd"), tried(socket.socket), tried(__import__, "app.config")],
}))
"""

    found = json.loads(read_in_sandbox(program(body), file, limits=LIMITS))

    assert set(found["environment"]) <= {"LC_CTYPE"}  # set by Python itself
    assert found["descriptors"] == [0, 1, 2]
    assert found["other"] == [False, False, False]


def test_its_limits_are_set_before_it_looks_at_the_file(program: Written, file: IO[bytes]) -> None:
    names = ("CORE", "NPROC", "AS", "FSIZE", "CPU", "NOFILE")
    body = f"sys.stdout.write(json.dumps([resource.getrlimit(getattr(resource, 'RLIMIT_' + n)) for n in {names}]))"

    found = json.loads(read_in_sandbox(program(body), file, limits=LIMITS))

    memory = LIMITS.memory_bytes
    assert found == [[0, 0], [0, 0], [memory, memory], [0, 0], [5, 6], [0, 0]]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError", Unreadable.DAMAGED),
        ("os.abort()", Unreadable.TOO_LARGE),
        ("bytearray(10**9)", Unreadable.TOO_LARGE),
        ("while True: pass", Unreadable.TOOK_TOO_LONG),
        ("time.sleep(60)", Unreadable.TOOK_TOO_LONG),
        (f"sys.stdout.write('x' * {MAX_ANSWER_BYTES + 1})", Unreadable.DAMAGED),
    ],
    ids=["an error", "an abort", "memory", "the processor", "sleep", "a long answer"],
)
def test_its_end_has_a_reason(program: Written, file: IO[bytes], body: str, reason: Unreadable) -> None:
    began = monotonic()

    assert reason_of(program(body), file, Limits(cpu_seconds=1, memory_bytes=512 * 1024**2)) is reason
    assert monotonic() - began < 10


def test_it_writes_to_its_target_and_no_more_than_it_may(program: Written, file: IO[bytes]) -> None:
    body = "target.write(b'x' * int(arguments[0])); target.flush(); sys.stdout.write('done')"
    limits = Limits(cpu_seconds=5, memory_bytes=512 * 1024**2, written_bytes=1000)

    with TemporaryFile() as target:
        assert read_in_sandbox(program(body), file, "1000", limits=limits, target=target) == b"done"
        assert os.fstat(target.fileno()).st_size == 1000
        with pytest.raises(SandboxFailed):
            read_in_sandbox(program(body), file, "1001", limits=limits, target=target)


def test_whoever_reads_slowly_is_not_taken_for_a_process_that_hangs(program: Written, file: IO[bytes]) -> None:
    limits = Limits(cpu_seconds=1, memory_bytes=512 * 1024**2)
    with sandboxed(program("for n in range(20_000): print(n)"), file, limits=limits) as sandbox:
        first = sandbox.readline()
        sleep(2.5)
        rest = 0
        while sandbox.readline():
            rest += 1

    assert (first, rest) == (b"0\n", 19_999)


def test_leaving_the_block_ends_the_process(program: Written, file: IO[bytes]) -> None:
    with sandboxed(program("print(os.getpid(), flush=True); time.sleep(60)"), file, limits=LIMITS) as sandbox:
        number = int(sandbox.readline())

    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
