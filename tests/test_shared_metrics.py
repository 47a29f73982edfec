"""Metrics that several processes share, in memory, and those of a process that was killed."""

import subprocess
import sys

from app.config import PROJECT_ROOT

#: Two processes count and work; the second is killed and replaced. No value is lost, and only the work of those that
#: live is reported.
_PROCESSES = """
import os, signal
from app.shared_metrics import SharedMetrics, share_metrics
share_metrics(2)
from prometheus_client import Counter, Gauge, Histogram
counted = Counter("counted", "Counted.", ["by"])
working = Gauge("working", "At work.", multiprocess_mode="livesum")
seconds = Histogram("seconds", "Taken.", buckets=(1,))

def fork(by):
    ready, tell = os.pipe()
    process = os.fork()
    if process == 0:
        for number in range(3_000):  # more than the first 64 KB
            counted.labels(f"{by} {number}").inc()
        counted.labels("all").inc(2)
        working.inc()
        seconds.observe(0.5)
        os.write(tell, b"1")
        signal.pause()
    os.read(ready, 1)
    return process

def samples():
    metrics = SharedMetrics().collect()
    return {" ".join([one.name, *one.labels.values()]): one.value for metric in metrics for one in metric.samples}

first, second = fork("first"), fork("second")
os.kill(second, signal.SIGKILL)
os.waitpid(second, 0)
third = fork("second")
found = samples()
for process in (first, third):
    os.kill(process, signal.SIGKILL)
print(*(found[name] for name in ("counted_total all", "counted_total second 2999", "working", "seconds_bucket 1.0")))
"""


def test_processes_share_their_metrics_and_one_that_replaces_another_goes_on_counting() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROCESSES], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["6.0", "2.0", "2.0", "3.0"]
