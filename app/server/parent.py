"""Ends a process with its parent, so that a supervisor that was killed leaves nothing behind that keeps the port."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


def end_with_parent(number: signal.Signals, parent: int) -> None:
    """Have the system send this process `number` when `parent`, its parent, ends. It lasts across exec; Linux only."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number))
    if os.getppid() != parent:  # it ended before this was set up
        os.kill(os.getpid(), number)
