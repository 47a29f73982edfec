"""End of a process with its parent, so that a killed supervisor leaves no process holding the port."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


def end_with_parent(number: signal.Signals, parent: int) -> None:
    """Have the kernel send this process `number` when its parent `parent` ends.

    The setting persists across exec; Linux only.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number))
    if os.getppid() != parent:  # the parent ended before this was set up
        os.kill(os.getpid(), number)
