"""`python -m bench.full_disk`: every page of every role while the disk is full.

    CALLS=2000 .venv/bin/python -m bench.full_disk

Mounts a small disk of its own (a tmpfs, which takes a mount namespace), and starts the product with the demonstration,
all its files, logs and temporary files there. Then it signs in as each role, fills the disk to the last byte, and opens
every page that the role's pages link to, two of each route. Each must be answered, if need be with 503 in words, by the
same processes; one that is killed must come back. Once there is space again, every confirmed note must exist once. Exit
code 1 if anything is wrong.
"""

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from html import unescape
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import HTTPError
from urllib.parse import urldefrag, urlsplit
from urllib.request import Request
from uuid import UUID

import psycopg

from app.db.embedded import SUPERUSER
from app.db.ids import uuid7
from app.declarations.demonstration import SignIn
from bench.load import Visitor
from bench.product import RECOVERY_SECONDS, Product
from demo.people import sign_ins

_INSIDE = "INSIDE_MOUNT_NAMESPACE"
_DISK_BYTES = 2 * 1024**3
_TOP_UP_SECONDS = 0.2
_MAX_OF_A_ROUTE = 2
_MAX_OF_A_ROLE = 250
_TIMEOUT_SECONDS = 60
_TOKEN_OF_METRICS = "a token of the bench"
_LINK = re.compile(r'(?:href|hx-get|src)="(/[^"]*)"')
_TITLE = re.compile(r"<h1[^>]*>([^<]*)")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
#: Pages that end the session, or whose answer never ends.
_LEFT_OUT = ("/static/", "/logout", "/account/sign-out")
_WORDS = ("<h1", '"message"', "data-error")


class Disk:
    """A small disk mounted at `path`, and what fills it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        options = f"size={_DISK_BYTES},mode=755"
        subprocess.run([_program("mount"), "-t", "tmpfs", "-o", options, "full-disk", path], check=True)

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave no space within the block: whatever is freed is taken at once."""
        stop = threading.Event()
        filler = threading.Thread(target=self._fill, args=(stop,), daemon=True)
        filler.start()
        while shutil.disk_usage(self.path).free:
            time.sleep(_TOP_UP_SECONDS)
        try:
            yield
        finally:
            stop.set()
            filler.join()
            (self.path / "filler").unlink()

    def _fill(self, stop: threading.Event) -> None:
        with (self.path / "filler").open("wb", buffering=0) as file:
            while not stop.is_set():
                try:
                    file.write(bytes(min(shutil.disk_usage(self.path).free, 1024**2) or 1))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    stop.wait(_TOP_UP_SECONDS)


class Walker(Visitor):
    """A person of one role who opens every page once."""

    def __init__(self, address: str, person: SignIn) -> None:
        super().__init__(address, person.email, person.password, threading.Event())
        self.role = person.role
        self._faults: list[str] = []
        self.refused: Counter[str] = Counter()

    def sign_in(self) -> None:
        """Sign in. Raises RuntimeError."""
        if not self._sign_in():
            raise RuntimeError(f"{self.role} can't sign in")

    def walk(self) -> list[str]:
        """Open the first page and all that it leads to, and return what was wrong."""
        self._faults = []
        left, seen = ["/"], {"/"}
        self.refused.clear()
        by_route: defaultdict[str, int] = defaultdict(int)
        while left and sum(by_route.values()) < _MAX_OF_A_ROLE:
            path = left.pop(0)
            route = _ID.sub("…", urlsplit(path).path)
            if by_route[route] >= _MAX_OF_A_ROUTE:
                continue
            by_route[route] += 1
            for link in self._links_of(path):
                if link not in seen:
                    seen.add(link)
                    left.append(link)
        return self._faults

    def _links_of(self, path: str) -> list[str]:
        """Open a page, note what is wrong with its answer, and return its links."""
        try:
            with self._browser.open(Request(self._address + path), timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
                status, text, landed = response.status, response.read().decode(errors="replace"), response.url
        except HTTPError as error:
            with error:
                status, text, landed = error.code, error.read().decode(errors="replace"), error.url or ""
        except (OSError, HTTPException) as error:
            self._faults.append(f"{self.role} {path}: {error!r}")
            self.statuses[0] += 1
            return []
        self.statuses[status] += 1
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            title = _TITLE.search(text)
            self.refused[f"{title[1].strip() if title else text[:60]} ({_kind_of(path)})"] += 1
        if status in {500, 502} or (status >= 400 and not any(words in text for words in _WORDS)):
            self._faults.append(f"{self.role} {path}: {status} {text[:200]!r}")
        if urlsplit(landed).path == "/login":
            self._faults.append(f"{self.role} {path}: signed out")
        links = (urldefrag(unescape(link)).url for link in _LINK.findall(text))
        return [link for link in links if not link.startswith(_LEFT_OUT)]

    def write_note(self, call: str) -> UUID | None:
        """Write a note about a call, and return its ID if it was confirmed."""
        note = uuid7()
        self.get(f"/calls/{call}")
        status = self.post(f"/calls/{call}/notes", {"note_id": str(note), "body": f"Note {note}"})
        self.statuses[status] += 1
        return note if status == 200 else None


def main() -> None:
    """Run everything and print the findings."""
    if _INSIDE not in os.environ:
        as_root = () if os.geteuid() == 0 else ("--map-current-user", "--keep-caps")
        command = [_program("unshare"), "--mount", *as_root, sys.executable, "-m", "bench.full_disk"]
        sys.exit(subprocess.call(command, env={**os.environ, _INSIDE: "1"}))
    with TemporaryDirectory(prefix="full-disk-") as folder:
        disk = Disk(Path(folder))
        try:
            faults = _run(disk)
        finally:
            subprocess.run([_program("umount"), folder], check=True)
    print("\n".join(faults) or "Every page was answered, and nothing confirmed is lost.")
    sys.exit(1 if faults else 0)


def _kind_of(path: str) -> str:
    """Return what a page is: a file that is recorded in the audit trail when someone gets it, or any other."""
    name = urlsplit(path).path
    return "CSV file" if name.endswith(".csv") else "sound" if name.endswith("/audio") else _ID.sub("…", name)


def _program(name: str) -> str:
    if (path := shutil.which(name)) is None:
        raise SystemExit(f"There is no {name} here. Install util-linux.")
    return path


def _run(disk: Disk) -> list[str]:
    product = Product(disk.path)
    temporary = disk.path / "tmp"
    temporary.mkdir(mode=0o777)
    temporary.chmod(0o1777)
    product.environment |= {"TMPDIR": str(temporary), "METRICS_TOKEN": _TOKEN_OF_METRICS}
    product.command("db", "bootstrap")
    product.command("db", "upgrade")
    product.command("demo", "load", "--calls", os.environ.get("CALLS", "2000"))
    product.start()
    # As a database that has been in use. After loading, it would soon clean up its own catalogs; the first connection
    # after that writes a cache of them, and without space for it no connection is made.
    with psycopg.connect(product.database.url(SUPERUSER), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
    psycopg.connect(product.database.url(SUPERUSER)).close()
    try:
        walkers, calls = _people(product)
        saved = {walker.write_note(calls[0]) for walker in walkers if walker.role == "manager"}
        with disk.full():
            print(f"{shutil.disk_usage(disk.path).free} bytes are free.", flush=True)
            saved |= {walker.write_note(call) for walker in walkers if walker.role == "manager" for call in calls}
            faults = _walk(product, walkers)
            os.kill(killed := product.wait_for("web process"), signal.SIGKILL)
            _wait_for_another(product, killed)
            faults += _walk(product, walkers[:1])
            faults += _metrics_faults(walkers[0])
        print(f"ready {product.wait_until_ready():.1f} s after there was space again")
        faults += _lost(product, {note for note in saved if note})
        print(f"{len([note for note in saved if note])} notes were confirmed.")
    finally:
        code = product.stop()
    return faults + ([] if code == 0 else [f"the product ended with exit code {code}"])


def _people(product: Product) -> tuple[list[Walker], Sequence[str]]:
    """Sign in a person of each role, and return them with the IDs of some calls of the manager's organization."""
    first: dict[str, SignIn] = {}
    for person in sign_ins():
        first.setdefault(person.role, person)
    walkers = [Walker(product.address, person) for person in first.values()]
    for walker in walkers:
        walker.sign_in()
    with psycopg.connect(product.database.url(SUPERUSER)) as connection:
        rows = connection.execute(
            "SELECT calls.id FROM calls JOIN organizations ON organizations.id = calls.organization_id"
            " WHERE slug = %s ORDER BY calls.id DESC LIMIT 5",
            [first["manager"].organization],
        )
        return walkers, [str(call) for (call,) in rows]


def _walk(product: Product, walkers: Sequence[Walker]) -> list[str]:
    """Let each person open their pages, and return what was wrong."""
    before = _processes(product)
    faults: list[str] = []
    for walker in walkers:
        began, counted = time.monotonic(), Counter(walker.statuses)
        faults += walker.walk()
        statuses = ", ".join(f"{status}: {number}" for status, number in sorted((walker.statuses - counted).items()))
        print(f"{walker.role:18} {statuses}; {time.monotonic() - began:.0f} s", flush=True)
        for refusal, number in walker.refused.most_common():
            print(f"{'':18} {number} × {refusal}")
    if _processes(product) != before:
        faults.append("processes of the product ended")
    return faults


def _processes(product: Product) -> list[int | None]:
    return [product.process_of(part) for part in ("web server", "web process", "worker")]


def _wait_for_another(product: Product, killed: int) -> None:
    deadline = time.monotonic() + RECOVERY_SECONDS
    while (process := product.process_of("web process")) is None or process == killed:
        if time.monotonic() > deadline:
            raise TimeoutError("The killed web process was not replaced.")
        time.sleep(0.1)


def _metrics_faults(walker: Walker) -> list[str]:
    request = Request(f"{walker._address}/metrics", headers={"Authorization": f"Bearer {_TOKEN_OF_METRICS}"})  # noqa: S310
    with suppress(OSError, HTTPException), walker._browser.open(request, timeout=_TIMEOUT_SECONDS) as response:
        if "switchboard_requests_total" in response.read().decode():
            return []
    return ["/metrics was not answered"]


def _lost(product: Product, saved: set[UUID]) -> list[str]:
    with psycopg.connect(product.database.url(SUPERUSER)) as connection:
        notes = Counter(note for (note,) in connection.execute("SELECT id FROM call_notes"))
    return [f"the note {note} exists {notes[note]} times" for note in saved if notes[note] != 1]


if __name__ == "__main__":
    main()
