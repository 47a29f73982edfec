"""System calls of a decoder that an attacker has taken over: refused by the kernel, or at least harmless to others."""

import ctypes
import json
import os
import platform
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from types import ModuleType
from typing import IO, Any

import pytest

from app.sandbox import child, runner
from app.sandbox.runner import Limits, filters_system_calls, read_in_sandbox
from app.server.memory import keep_memory_private

NOBODY = 65_534
LIMITS = Limits(cpu_seconds=5, memory_bytes=512 * 1024**2)
EPERM = 1
#: Numbers of refused calls on x86-64, and on arm64, where some of them don't exist.
NUMBERS = {
    "x86_64": {
        "open": 2, "openat": 257, "stat": 4, "newfstatat": 262, "statx": 332, "socket": 41, "clone": 56, "fork": 57,
        "execve": 59, "kill": 62, "rename": 82, "truncate": 76, "mkdir": 83, "symlink": 88, "shmget": 29,
        "unshare": 272, "ptrace": 101, "pipe": 22, "process_vm_readv": 310, "process_vm_writev": 311,
        "memfd_create": 319, "io_uring_setup": 425, "prctl": 157, "setrlimit": 160, "read of x32": 0x4000_0000,
    },
    "aarch64": {
        "openat": 56, "newfstatat": 79, "statx": 291, "socket": 198, "clone": 220, "execve": 221, "kill": 129,
        "renameat": 38, "truncate": 45, "mkdirat": 34, "symlinkat": 36, "shmget": 194, "unshare": 97, "ptrace": 117,
        "process_vm_readv": 270, "process_vm_writev": 271, "memfd_create": 279, "io_uring_setup": 425, "prctl": 167,
        "setrlimit": 164,
    },
}  # fmt: skip
#: Calls with the ID of the app's process, and the error of each; 0 if it wasn't refused.
ATTEMPTS = """
import ctypes, json, sys
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE
from resource import RLIMIT_CORE
def main(file, target, refused, allowed, app):
    kernel = ctypes.CDLL(None, use_errno=True)
    kernel.mmap.restype = ctypes.c_void_p
    def tried(*arguments):
        return 0 if kernel.syscall(*map(ctypes.c_long, arguments)) >= 0 else ctypes.get_errno()
    errors = {name: tried(number, 0, 0, 0, 0, 0, 0) for name, number in json.loads(refused).items()}
    numbers, app, page = json.loads(allowed), int(app), 4096
    writable, private = PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS
    memory = kernel.mmap(None, page, writable, private, -1, 0)
    ctypes.memset(memory, 0, page)
    errors["signal to the app"] = kernel.kill(app, 0) and ctypes.get_errno()
    errors["signal to a thread of the app"] = tried(numbers["tgkill"], app, app, 0)
    errors["own limits"] = tried(numbers["prlimit64"], 0, RLIMIT_CORE, memory, 0)
    errors["limits of the app"] = tried(numbers["prlimit64"], app, RLIMIT_CORE, 0, memory)
    errors["executable memory"] = tried(numbers["mmap"], 0, page, writable | PROT_EXEC, private, -1, 0)
    errors["memory that becomes executable"] = tried(numbers["mprotect"], memory, page, PROT_READ | PROT_EXEC)
    sys.stdout.write(json.dumps(errors))
"""


@pytest.fixture
def file(tmp_path: Path) -> Iterator[IO[bytes]]:
    path = tmp_path / "file"
    path.write_bytes(b"what was sent")
    with path.open("rb") as file:
        yield file


def test_a_decoder_makes_no_other_system_calls_than_it_needs(tmp_path: Path, file: IO[bytes]) -> None:
    assert filters_system_calls(), "the kernel of the build server filters system calls"
    (tmp_path / "program.py").write_text(ATTEMPTS)
    machine = platform.machine()
    numbers = json.dumps(NUMBERS[machine]), json.dumps(child._MACHINES[machine][2])

    errors = json.loads(read_in_sandbox(tmp_path / "program.py", file, *numbers, str(os.getpid()), limits=LIMITS))

    assert {name for name, error in errors.items() if error != EPERM} == set()


@pytest.mark.parametrize("machine", NUMBERS)
class TestFilter:
    """Verdicts of the filters of both machines."""

    def test_it_allows_what_is_listed_and_nothing_else(self, machine: str) -> None:
        allowed = {number for number in range(1024) if _allows(machine, number, *_fitting(machine, number))}

        assert allowed == set(child._MACHINES[machine][2].values())
        assert not allowed & set(NUMBERS[machine].values())

    def test_it_refuses_calls_of_other_architectures(self, machine: str) -> None:
        (other_machine,) = child._MACHINES.keys() - {machine}
        i386, foreign = 0x4000_0003, child._MACHINES[other_machine][0]
        number = child._MACHINES[machine][2]["read"]

        assert not any(_allows(machine, number, architecture=other) for other in (foreign, i386, 0))
        assert not any(_allows(machine, other) for other in (number + 2**30, number + 2**31, number - 2**16, -1))

    @pytest.mark.parametrize(
        ("name", "allowed", "refused"),
        [
            ("tgkill", [(os.getpid(), 1, 6)], [(1, 1, 6), (0, 0, 6), (os.getpid() + 1, os.getpid(), 6)]),
            ("prlimit64", [(0, 7, 0, 4096)], [(0, 7, 1, 0), (0, 7, 1 << 32, 0), (0, 7, 1 << 63, 0), (1, 7, 0, 4096)]),
            ("mmap", [(0, 4096, 3)], [(0, 4096, 4), (0, 4096, 5), (0, 4096, 7)]),
            ("mprotect", [(4096, 4096, 3), (4096, 4096, 0)], [(4096, 4096, 4), (4096, 4096, 7)]),
        ],
    )
    def test_it_looks_at_arguments(
        self, machine: str, name: str, allowed: list[tuple[int, ...]], refused: list[tuple[int, ...]]
    ) -> None:
        number = child._MACHINES[machine][2][name]

        assert all(_allows(machine, number, *arguments) for arguments in allowed)
        assert not any(_allows(machine, number, *arguments) for arguments in refused)


def _fitting(machine: str, number: int) -> tuple[int, ...]:
    """Return arguments with which a call is allowed, if at all."""
    return (os.getpid(),) if number == child._MACHINES[machine][2]["tgkill"] else ()


def _allows(machine: str, number: int, *arguments: int, architecture: int | None = None) -> bool:
    """Return whether a machine's filter allows a call, by running its instructions as the kernel does."""
    own, _seccomp, numbers = child._MACHINES[machine]
    instructions = list(struct.iter_unpack("=HBBI", b"".join(child._filter(own, numbers))))
    padded = (*arguments, *(0,) * (6 - len(arguments)))
    call = struct.pack("<IIQ6Q", number % 2**32, own if architecture is None else architecture, 0, *padded)
    place = word = 0
    while True:
        code, if_true, if_false, value = instructions[place]
        place += 1
        match code:
            case 0x20:  # load a word
                (word,) = struct.unpack_from("<I", call, value)
            case 0x15:  # jump if it equals the value
                place += if_true if word == value else if_false
            case 0x45:  # jump if it has a bit of the value
                place += if_true if word & value else if_false
            case 0x06:  # return a verdict
                assert value in {0x7FFF_0000, 0x0005_0000 + EPERM}
                return bool(value == 0x7FFF_0000)
            case _:
                raise AssertionError(code)


def test_threads_that_run_already_are_filtered_too() -> None:
    def error_in_a_thread() -> str:
        is_filtered, errors = Event(), list[int | None]()

        def try_to_open() -> None:
            is_filtered.wait()
            try:
                os.close(os.open("/", os.O_RDONLY))
            except OSError as error:
                errors.append(error.errno)

        thread = Thread(target=try_to_open)
        thread.start()
        assert child.filter_system_calls()
        is_filtered.set()
        thread.join()
        return str(errors)

    assert _in_fork(error_in_a_thread) == f"[{EPERM}]"


@pytest.mark.parametrize(
    ("module", "name", "answer"),
    [(platform, "machine", "riscv64"), (struct, "calcsize", 4)],
    ids=["riscv64", "32 bits"],
)
def test_a_machine_without_a_filter_is_found_out(
    module: ModuleType, name: str, answer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, lambda *_arguments: answer)

    assert _in_fork(lambda: str(child.filter_system_calls())) == "False"


@pytest.mark.parametrize("failure", [f"sys.exit({child.NO_FILTER})", "time.sleep(60)"])
def test_a_failed_check_is_repeated_and_a_success_is_not(
    failure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = tmp_path / "child.py"
    failing.write_text(f"import sys, time\n{failure}\n")
    monkeypatch.setattr(runner, "_CHECK_SECONDS", 0.5)
    runner._check_filter.cache_clear()

    with monkeypatch.context() as while_it_fails:
        while_it_fails.setattr(child, "__file__", str(failing))
        assert not filters_system_calls()
    monkeypatch.setattr(runner, "_CHECK_SECONDS", 60)
    assert filters_system_calls()
    monkeypatch.setattr(child, "__file__", str(failing))
    assert filters_system_calls()


class TestWithoutFilter:
    """Protection of memory where the kernel filters no system calls."""

    @pytest.mark.parametrize("is_private", [True, False])
    def test_memory_of_another_process_of_the_account_is_out_of_reach(self, *, is_private: bool) -> None:
        with _process(is_private=is_private) as (pid, address):
            outcome = _in_fork(lambda: _read_memory(pid, address))

        assert outcome == ("refused" if is_private else "a secret")

    def test_a_decoder_is_private(self, tmp_path: Path, file: IO[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
        source = Path(child.__file__).read_text()
        unfiltered = tmp_path / "child.py"
        unfiltered.write_text(source.replace("            filter_system_calls()\n", ""))
        monkeypatch.setattr(child, "__file__", str(unfiltered))
        program = tmp_path / "program.py"
        is_dumpable = "ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)"  # PR_GET_DUMPABLE
        program.write_text(f"import ctypes, sys\ndef main(*_arguments):\n    sys.stdout.write(str({is_dumpable}))\n")

        assert read_in_sandbox(program, file, limits=LIMITS) == b"0"


@contextmanager
def _process(*, is_private: bool) -> Iterator[tuple[int, int]]:
    """Run a process without privileges that holds a secret; yield its id and the secret's address."""
    secret = ctypes.create_string_buffer(b"a secret")
    ready_to_read, ready_to_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        _drop_privileges()
        if is_private:
            keep_memory_private()
        os.write(ready_to_write, b"!")
        time.sleep(60)
        os._exit(0)
    try:
        os.read(ready_to_read, 1)
        yield pid, ctypes.addressof(secret)
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(ready_to_read)
        os.close(ready_to_write)


def _in_fork(do: Callable[[], str]) -> str:
    """Return what `do` returns in a process without privileges."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _drop_privileges()
            os.write(into, do().encode())
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    os.close(into)
    with os.fdopen(out) as answer:
        return answer.read()


def _drop_privileges() -> None:
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # the kernel hides the memory of a process that changes its user


def _read_memory(pid: int, address: int) -> str:
    class Part(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

    local = ctypes.create_string_buffer(8)
    into, source = Part(ctypes.addressof(local), 8), Part(address, 8)
    read: Any = ctypes.CDLL(None, use_errno=True).process_vm_readv
    number = read(pid, ctypes.byref(into), 1, ctypes.byref(source), 1, 0)
    return local.raw.decode() if number == 8 else "refused"
