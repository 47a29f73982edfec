"""Memory of the processes that hold secrets."""

import ctypes

_PR_SET_DUMPABLE = 4


def keep_memory_private() -> None:
    """Have the kernel refuse other processes of this account access to the memory of this one, and of its forks.

    They can't attach a debugger either, and there are no core dumps. This ends with the next exec, so each program that
    holds secrets calls it at its start. Linux only.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
