"""PostgreSQL's client programs (psql, pg_dump, pg_restore): finding a suitable one and running it."""

import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.db.embedded import EmbeddedServerError, binary
from app.errors import mentions_storage_fault

_MAX_WORDS = 5


class ProgramError(Exception):
    """A program that is missing, too old, or failed; the text is the complete message for the operator.

    `is_storage_fault` is true if the program said that a disk is full, read-only or failing.
    """

    def __init__(self, message: str, *, is_storage_fault: bool = False) -> None:
        super().__init__(message)
        self.is_storage_fault = is_storage_fault


def without_password(url: str) -> tuple[str, dict[str, str]]:
    """Return the address without its password, and an environment that contains the password.

    Everyone on the machine can read a command line, but not the environment.
    """
    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    secret = {"PGPASSWORD": str(password)} if password else {}
    return make_conninfo("", **parts), {**os.environ, **secret}


def program_for(name: str, server: int) -> Path:
    """Return the path of the machine's program, or of the embedded one if that is missing or too old.

    `server` is the server's major version: an older pg_dump refuses to work with it. Raises ProgramError if neither is
    suitable.
    """
    found = {path: _major_version(path) for path in _candidates(name)}
    for path, version in found.items():
        if version >= server:
            return path
    newest = max(found.values(), default=0)
    what = f"{name} {newest} is too old for the server, which is {server}" if newest else f"There is no {name} here"
    raise ProgramError(f"{what}. Install PostgreSQL’s client {server} or newer (postgresql-client in Debian).")


def run_program(program: Path, arguments: Sequence[str], url: str, tell: Callable[[str], None]) -> None:
    """Run a program on the database at `url` and pass each line of its messages to `tell`.

    Its messages are those on standard error. The program ends if this process is interrupted. Raises ProgramError with
    some of the program's messages, but not all of them, because some contain personal data.
    """
    address, environment = without_password(url)
    command = [str(program), "--dbname", address, "--no-password", "--verbose", *arguments]
    errors: deque[str] = deque(maxlen=_MAX_WORDS)
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**environment, "LC_ALL": "C"}, text=True
    ) as process:
        try:
            for line in process.stderr or ():
                tell(line)
                if "error:" in line:
                    errors.append(line.split("error:", 1)[1].strip())
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        said = " ".join(errors)
        raise ProgramError(
            f"{program.name} failed: {said or f'exit code {process.returncode}'}",
            is_storage_fault=mentions_storage_fault(said),
        )


def _candidates(name: str) -> list[Path]:
    """Return the paths of the available programs, the machine's first.

    Operators who run their own server have a client of the same version.
    """
    on_path = shutil.which(name)
    candidates = [Path(on_path)] if on_path else []
    try:
        embedded = binary(name)
    except EmbeddedServerError:
        return candidates
    return [*candidates, embedded] if embedded.exists() else candidates


def _major_version(program: Path) -> int:
    """Return the major version from output such as `pg_dump (PostgreSQL) 18.1`; 0 if there is none."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\) (\d+)", said)
    return int(number[1]) if number else 0
