"""Metrics whose values are shared by the processes of one web server.

The Prometheus client keeps the values of several processes in mapped files. On a disk that is full, read-only or
broken, touching a page of such a file ends the process (SIGBUS), so here the files are in memory. The process that
forks the others creates them; each process claims a set of them at its first value and writes to no other. One that
replaces a killed process continues its counters.
"""

import fcntl
import os
from collections.abc import Iterable
from contextlib import suppress

from prometheus_client import multiprocess, values
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

_GAUGES = "gauge_livesum"
#: Types of metrics, with the mode of gauges: the library stores each in a file of its own.
_TYPES = ("counter", "histogram", _GAUGES)
#: The library insists on a folder for its files, although these have none.
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

#: Descriptors of the files by the library's names, `<type>_<number of the set>.db`. Forked processes inherit them.
_descriptors: dict[str, int] = {}
#: The number of the set that this process has claimed, by its process ID; forked processes inherit those of others.
_claims: dict[int, int] = {}


class _MemoryDict(MmapedDict):
    """The library's dict of values in a mapped file, which is in memory."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        super().__init__(_path(filename), read_mode)  # type: ignore[no-untyped-call]  # the library has few types

    @staticmethod
    def read_all_values_from_file(filename: str) -> Iterable[tuple[str, float, float, int]]:
        stored: Iterable[tuple[str, float, float, int]] = MmapedDict.read_all_values_from_file(_path(filename))  # type: ignore[no-untyped-call]
        return stored


class SharedMetrics(Collector):
    """Collector of the metrics of all processes."""

    def collect(self) -> Iterable[Metric]:
        """Return the sums over all processes."""
        written = [name for name, descriptor in _descriptors.items() if os.fstat(descriptor).st_size]
        metrics: Iterable[Metric] = MultiProcessCollector.merge(written)  # type: ignore[no-untyped-call]
        return metrics


def share_metrics(processes: int) -> None:
    """Share the values of all metrics created from now on between this process and `processes` forked from it.

    While they are replaced, there can be twice as many.
    """
    for number in range(2 * processes + 1):
        for name in (f"{kind}_{number}.db" for kind in _TYPES):
            _descriptors[name] = os.memfd_create(f"metrics {name}")
    os.environ[_FOLDER] = ""
    values.MmapedDict = multiprocess.MmapedDict = _MemoryDict  # type: ignore[attr-defined]
    values.ValueClass = values.MultiProcessValue(process_identifier=_number_of_set)  # type: ignore[no-untyped-call]


def are_metrics_shared() -> bool:
    """Return whether this process shares its values with others."""
    return bool(_descriptors)


def _number_of_set() -> int:
    """Return the number of the set of files that this process writes to; the library asks before each use."""
    process = os.getpid()
    if process not in _claims:
        _claims[process] = _claim()
    return _claims[process]


def _claim() -> int:
    """Claim a set of files that no living process has, and return its number."""
    for number in range(len(_descriptors) // len(_TYPES)):
        # Opened again, since a lock belongs to all processes that have inherited a descriptor. It stays open, and
        # locked, as long as this process lives.
        lock = os.open(_path(f"{_GAUGES}_{number}.db"), os.O_RDWR)
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.truncate(lock, 0)  # what a killed process was doing ended with it
            return number
        os.close(lock)
    raise RuntimeError("more processes share metrics than were announced")


def _path(name: str) -> str:
    return f"/proc/self/fd/{_descriptors[name]}"
