"""Cleanup of the processes that a killed test run leaves behind: PostgreSQL, web servers, workers.

All processes that tests start have their files below the run's folder, by which they are found.
"""

import os
import subprocess
from pathlib import Path

#: Its arguments are the run's folder, and the process that ends with the run. Only one reaper waits for each run.
_SCRIPT = r"""
left() {
  { grep -lsF "VAR_DIR=$1/" /proc/[0-9]*/environ
    grep -lsaP "/postgres\x00-D\x00\Q$1\E/" /proc/[0-9]*/cmdline; } | cut --delimiter=/ --fields=3 | sort --unique
}
reap() {
  cd "$1" && exec 3>reaper.lock && flock --nonblock 3 || return
  tail --pid="$2" --follow /dev/null
  for signal in QUIT KILL; do
    processes=$(left "$1")
    test -n "$processes" || return
    kill -s "$signal" $processes
    sleep 2
  done
}
reap "$1" "$2" &
"""


def reap_after(process_id: int, run_folder: Path) -> None:
    """Start a background process that waits for a process to end, then kills what uses `run_folder`."""
    nothing = subprocess.DEVNULL
    command = ["sh", "-c", _SCRIPT, "reaper", str(run_folder), str(process_id)]
    subprocess.run(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True, check=True)


def process_of_run(worker_id: str) -> int:
    """Return the ID of the process that ends with the run: this one, or the parent of a worker."""
    return os.getpid() if worker_id == "master" else os.getppid()
