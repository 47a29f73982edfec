"""Program that runs in a sandbox: limits its own process, then runs the program that reads the file.

    python -I child.py PROGRAM CPU_SECONDS MEMORY_BYTES WRITTEN_BYTES TARGET ARGUMENT…
    python -I child.py

PROGRAM has a function `main(file, target, *arguments)` and writes to standard output. The file is standard input;
TARGET is the number of a writable descriptor, or empty. This module imports nothing from the app.

Without arguments, it only finds out whether the kernel filters system calls here, and exits with NO_FILTER if not.
"""

import ctypes
import os
import platform
import resource
import runpy
import struct
import sys
from collections.abc import Iterator
from typing import IO

#: Exit statuses: the memory is used up; the kernel refuses to filter system calls.
NO_MEMORY, NO_FILTER = 70, 71

_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38
_SET_MODE_FILTER, _FOR_ALL_THREADS = 1, 1
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001  # SECCOMP_RET_ALLOW, and SECCOMP_RET_ERRNO with EPERM

# Instructions of the filter: load a word of the call's data, jump if it equals a value, jump if it has one of its bits,
# and return a verdict.
_LOAD, _IF_EQUAL, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
# Places in the call's data: its number, the architecture, and its first and third argument, of which the lower half
# comes first.
_NUMBER, _ARCHITECTURE, _FIRST, _THIRD = 0, 4, 16, 32
_UPPER_HALF = 4
_PROT_EXEC = 4

#: Architecture of the kernel’s audit, number of `seccomp` itself, and numbers of the allowed system calls, by machine.
#: They work on descriptors and memory that the process has already, ask for the time, or end it. Anything else is
#: refused: files, connections, processes and their memory, shared memory, namespaces, and executable pages are out of
#: reach whatever runs here. Debian 12's fstat() calls `newfstatat`, and fails here, which no decoder minds: a filter
#: can't see the path of that call, so it would reveal the existence and size of any file.
_MACHINES = {
    "x86_64": (
        0xC000003E,
        317,
        {
            "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8, "mmap": 9, "mprotect": 10, "munmap": 11,
            "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17, "pwrite64": 18,
            "readv": 19, "writev": 20, "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39,
            "exit": 60, "uname": 63, "gettimeofday": 96, "getrusage": 98, "sysinfo": 99, "times": 100,
            "sigaltstack": 131, "gettid": 186, "time": 201, "futex": 202, "sched_getaffinity": 204,
            "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230,
            "exit_group": 231, "tgkill": 234, "set_robust_list": 273, "prlimit64": 302, "getcpu": 309,
            "getrandom": 318, "membarrier": 324, "rseq": 334,
        },
    ),
    "aarch64": (
        0xC00000B7,
        277,
        {
            "close": 57, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67,
            "pwrite64": 68, "fstat": 80, "exit": 93, "exit_group": 94, "futex": 98, "set_robust_list": 99,
            "nanosleep": 101, "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115,
            "sched_getaffinity": 123, "sched_yield": 124, "restart_syscall": 128, "tgkill": 131, "sigaltstack": 132,
            "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "times": 153, "uname": 160,
            "getrusage": 165, "getcpu": 168, "gettimeofday": 169, "getpid": 172, "gettid": 178, "sysinfo": 179,
            "brk": 214, "munmap": 215, "mremap": 216, "mmap": 222, "mprotect": 226, "madvise": 233, "prlimit64": 261,
            "getrandom": 278, "membarrier": 283, "rseq": 293,
        },
    ),
}  # fmt: skip
#: Words that arguments of some of them must equal: the process reads its own limits, and sets none.
_ONLY_WITH = {"prlimit64": ((_FIRST, 0), (_THIRD, 0), (_THIRD + _UPPER_HALF, 0))}
#: Bits that no argument of some of them may have: no memory becomes executable.
_ONLY_WITHOUT = {"mmap": (_THIRD, _PROT_EXEC), "mprotect": (_THIRD, _PROT_EXEC)}


class _Program(ctypes.Structure):
    """The `sock_fprog` of the kernel."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def main(program: str, cpu: str, memory: str, written: str, target: str, *arguments: str) -> None:
    """Run PROGRAM within limits that it can't raise."""
    seconds = int(cpu)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_AS, int(memory))
    _limit(resource.RLIMIT_FSIZE, int(written))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    # Two decoders can run at the same time: where calls aren't filtered, neither reads or changes the other's memory.
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    try:
        read = runpy.run_path(program)["main"]
        with os.fdopen(0, "rb", closefd=False) as file:
            into = os.fdopen(int(target), "r+b", closefd=False) if target else None
            _limit(resource.RLIMIT_NOFILE, 0)  # open descriptors remain usable, and no others can be opened
            filter_system_calls()
            read(file, into, *arguments)
            _close(into)
    except MemoryError:
        sys.exit(NO_MEMORY)


def filter_system_calls() -> bool:
    """Refuse all system calls but the allowed ones to this process from now on; return whether the kernel does that."""
    machine, kernel = platform.machine(), ctypes.CDLL(None)
    has_64_bits = struct.calcsize("P") == 8  # otherwise, its calls are those of another architecture
    if machine not in _MACHINES or not has_64_bits or kernel.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    architecture, seccomp, numbers = _MACHINES[machine]
    instructions = b"".join(_filter(architecture, numbers))
    program = _Program(len(instructions) // 8, instructions)
    # A result above 0 is the ID of a thread that can't be filtered.
    return bool(kernel.syscall(seccomp, _SET_MODE_FILTER, _FOR_ALL_THREADS, ctypes.byref(program)) == 0)


def _filter(architecture: int, numbers: dict[str, int]) -> Iterator[bytes]:
    """Yield the instructions of the filter. The first places of a jump are if the comparison holds, and if not."""
    only_with = {**_ONLY_WITH, "tgkill": ((_FIRST, os.getpid()),)}  # abort() sends a signal to its own process
    yield _instruction(_LOAD, _ARCHITECTURE)
    yield _instruction(_IF_EQUAL, architecture, 1, 0)
    yield _instruction(_RETURN, _REFUSE)
    yield _instruction(_LOAD, _NUMBER)  # those of x32 have a high bit, and equal none of the list
    for name, number in numbers.items():
        checks = []
        for place, value in only_with.get(name, ()):
            checks += [_instruction(_LOAD, place), _instruction(_IF_EQUAL, value, 1, 0), _instruction(_RETURN, _REFUSE)]
        if name in _ONLY_WITHOUT:
            place, bits = _ONLY_WITHOUT[name]
            checks += [
                _instruction(_LOAD, place),
                _instruction(_IF_ANY_BIT, bits, 0, 1),
                _instruction(_RETURN, _REFUSE),
            ]
        yield _instruction(_IF_EQUAL, number, 0, len(checks) + 1)
        yield from checks
        yield _instruction(_RETURN, _ALLOW)
    yield _instruction(_RETURN, _REFUSE)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _limit(kind: int, most: int) -> None:
    resource.setrlimit(kind, (most, most))


def _close(target: IO[bytes] | None) -> None:
    if target is not None:
        target.close()


if __name__ == "__main__":
    if sys.argv[1:]:
        main(*sys.argv[1:])
    elif not filter_system_calls():
        sys.exit(NO_FILTER)
