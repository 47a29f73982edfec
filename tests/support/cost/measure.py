"""Measurement of the time that a command and all its descendants take.

The shell's `time` counts only processes that were waited for. PostgreSQL detaches itself from the test run that started
it, so its work would be missing. This module adopts such processes as its own children.
"""

import ctypes
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

_PR_SET_CHILD_SUBREAPER = 36
_SECONDS_TO_END = 30


def measure(command: Sequence[str]) -> int:
    """Run the command, print the elapsed time and the CPU time, and return the exit status."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    began = time.monotonic()
    process = subprocess.Popen(command)
    while process.returncode is None:
        # Wait for other processes too: a test can check whether a server of its own is gone.
        child, status = os.waitpid(-1, 0)
        if child == process.pid:
            process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    _wait_for_the_rest()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    sys.stderr.write(f"{seconds:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of CPU\n")
    return process.returncode


def _wait_for_the_rest() -> None:
    deadline = time.monotonic() + _SECONDS_TO_END
    with suppress(ChildProcessError):
        while time.monotonic() < deadline:
            child, _status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                time.sleep(0.2)
