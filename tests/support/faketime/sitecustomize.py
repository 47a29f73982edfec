"""Read by every Python that runs under faketime, which refuses the way in which Python sleeps (until a moment of the
monotonic clock) with EINVAL unless that clock is moved too."""

import select
import time
from typing import SupportsIndex


def _sleep(seconds: float | SupportsIndex) -> None:
    select.select((), (), (), float(seconds))


time.sleep = _sleep
