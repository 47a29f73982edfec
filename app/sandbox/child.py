"""Program that runs in a sandbox: limits its own process, then runs the program that reads the file.

    python -I child.py PROGRAM CPU_SECONDS MEMORY_BYTES WRITTEN_BYTES TARGET ARGUMENT…

PROGRAM has a function `main(file, target, *arguments)` and writes to standard output. The file is standard input;
TARGET is the number of a writable descriptor, or empty. This module imports nothing from the app.
"""

import os
import resource
import runpy
import sys
from typing import IO

#: Exit status if the memory is used up.
NO_MEMORY = 70


def main(program: str, cpu: str, memory: str, written: str, target: str, *arguments: str) -> None:
    """Run PROGRAM within limits that it can't raise."""
    seconds = int(cpu)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_AS, int(memory))
    _limit(resource.RLIMIT_FSIZE, int(written))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    try:
        read = runpy.run_path(program)["main"]
        with os.fdopen(0, "rb", closefd=False) as file:
            into = os.fdopen(int(target), "r+b", closefd=False) if target else None
            _limit(resource.RLIMIT_NOFILE, 0)  # open descriptors remain usable, and no others can be opened
            read(file, into, *arguments)
            _close(into)
    except MemoryError:
        sys.exit(NO_MEMORY)


def _limit(kind: int, most: int) -> None:
    resource.setrlimit(kind, (most, most))


def _close(target: IO[bytes] | None) -> None:
    if target is not None:
        target.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
