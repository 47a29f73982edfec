"""Startup module of every Python process under faketime, which makes `time.sleep` work there.

Python sleeps until an absolute time of the monotonic clock, which faketime refuses with EINVAL unless it moves that
clock too.
"""

import select
import time
from typing import SupportsIndex


def _sleep(seconds: float | SupportsIndex) -> None:
    select.select((), (), (), float(seconds))


time.sleep = _sleep
