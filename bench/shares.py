"""`python -m bench.shares`: pages of one organization while another user requests everything at once.

The product is started with its demonstration in a folder of its own, without rate limits. Each round measures the 95th
percentile of `/calls` and `/missed-calls` three times: on an idle server; while a user of another organization sends 80
concurrent requests for CSV files; and with 200 slow connections and 40 recordings that decode to half an hour each in
addition. Refused requests are repeated after RETRY seconds (2, as in the response). Prints the medians of the ratios
over ROUNDS rounds (5), in which each phase takes SECONDS seconds (8). The exit code is 1 if a goal is missed, or if a
response was not a page.
"""

import multiprocessing
import os
import re
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from multiprocessing.synchronize import Event
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from urllib.request import HTTPCookieProcessor, Request
from uuid import uuid4

import psycopg

from app.db.embedded import SUPERUSER
from bench.load import Visitor
from bench.product import Product
from demo.companies import PASSWORD
from tests.support.slow_sockets import Slow, slow_sockets
from tests.support.sounds import silence

GREEDY, OTHER = "evelyn.marsh@brightwater.example", "sam.cedillo@cedarstone.example"
FILES = ("/contacts.csv", "/audit.csv?resource_type=call")
PAGES = ("/calls", "/missed-calls")
AT_ONCE, SOCKETS, RECORDINGS = 80, 200, 40
#: Multiples of the 95th percentile of an idle server.
FILES_GOAL, EVERYTHING_GOAL = 2.0, 3.0
#: `Retry-After` is 2.
RETRY_SECONDS = float(os.environ.get("RETRY", "2"))
_SETTLE_SECONDS = 2.0
_TIMEOUT_SECONDS = 60
_FILE_FORM = re.compile(r'action="(/recordings/[0-9a-f-]{36}/file)"')
_VISITS = """
    SELECT appointments.id FROM appointments JOIN organizations ON organizations.id = organization_id
    WHERE slug = 'brightwater' AND appointments.status IN ('scheduled', 'confirmed') AND appointments.deleted_at IS NULL
    ORDER BY appointments.id LIMIT %s
"""


class Clicker(Visitor):
    """Visitor who requests one URL after another and records the time of each, in seconds."""

    def __init__(self, address: str, email: str, stop: threading.Event, paths: Sequence[str]) -> None:
        super().__init__(address, email, PASSWORD, stop)
        self.seconds: list[float] = []
        self._paths = cycle(paths)

    def act(self) -> None:
        """Request the next URL."""
        began = time.perf_counter()
        self.get(next(self._paths))
        self.seconds.append(time.perf_counter() - began)


class Rep(Clicker):
    """Visitor who uploads recordings made elsewhere."""

    def cookie(self) -> str:
        """Return the header with the session cookie."""
        jar = next(one.cookiejar for one in self._browser.handlers if isinstance(one, HTTPCookieProcessor))  # type: ignore[attr-defined]
        return "; ".join(f"{one.name}={one.value}" for one in jar)

    def send_all(self, visits: Sequence[str], sound: bytes) -> None:
        """Create a recording for each appointment and finish it with a file."""
        for visit in visits:
            self._send_one(visit, sound)

    def _send_one(self, visit: str, sound: bytes) -> None:
        page = f"/appointments/{visit}/recordings/new"
        self.get(page)
        form = {"row_id": str(uuid4()), "consent": "given"}
        begun = self._send(self._form(page, form))[1]
        action = _FILE_FORM.search(begun)
        if action is None:
            raise SystemExit(f"{page} leads to no recording.")
        self._send(self._form(action[1], {}, sound))

    def _form(self, path: str, fields: dict[str, str], file: bytes | None = None) -> Request:
        edge = uuid4().hex
        pieces = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in {"csrf_token": self._token, **fields}.items()
        ]
        if file is not None:
            head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.flac"\r\n\r\n'
            pieces.append(head.encode() + file + b"\r\n")
        body = b"".join((*pieces, f"--{edge}--\r\n".encode()))
        headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        return Request(self._address + path, data=body, headers=headers)  # noqa: S310 - an address of our own


def main() -> None:
    """Measure in turns and print the table, as described in the module."""
    rounds, seconds = int(os.environ.get("ROUNDS", "5")), float(os.environ.get("SECONDS", "8"))
    sound = silence("flac", "flac", 48_000, "mono", seconds=1800)
    beside_files: list[float] = []
    beside_everything: list[float] = []
    statuses: Counter[int] = Counter()
    with TemporaryDirectory(prefix="shares-") as folder:
        product = Product(Path(folder))
        product.start()
        try:
            greedy = signed_in(product, GREEDY)
            for _ in range(rounds):
                quiet = clicked(product, seconds, statuses)
                with files_asked_for(product, greedy.cookie()):
                    beside_files.append(clicked(product, seconds, statuses) / quiet)
                    with everything_else(product, greedy, sound):
                        beside_everything.append(clicked(product, seconds, statuses) / quiet)
        finally:
            product.stop()
    files, everything = statistics.median(beside_files), statistics.median(beside_everything)
    print("| beside | p95, times that of a quiet server | goal |\n|---|--:|--:|")
    print(f"| {AT_ONCE} CSV files at once | {files:.2f} | {FILES_GOAL} |")
    print(f"| and {SOCKETS} slow connections, {RECORDINGS} recordings | {everything:.2f} | {EVERYTHING_GOAL} |")
    print(f"Answers: {dict(statuses)}")
    sys.exit(1 if files > FILES_GOAL or everything > EVERYTHING_GOAL or set(statuses) != {200} else 0)


def signed_in(product: Product, email: str) -> Rep:
    """Sign in, make the session known to every process, and return the visitor."""
    person = Rep(product.address, email, threading.Event(), PAGES)
    person._sign_in()
    for _ in range(20):
        person.act()
    return person


def clicked(product: Product, seconds: float, statuses: Counter[int]) -> float:
    """Request pages as a user of the other organization, and return the 95th percentile in seconds."""
    stop = threading.Event()
    person = Clicker(product.address, OTHER, stop, PAGES)
    person.start()
    time.sleep(seconds)
    stop.set()
    person.join()
    statuses.update(person.statuses)
    return statistics.quantiles(person.seconds, n=20)[18]


@contextmanager
def files_asked_for(product: Product, cookie: str) -> Iterator[None]:
    """Keep requests for files running, in a separate process that doesn't slow down the measured client."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    asking = context.Process(target=ask_for_files, args=(product.address, cookie, stop))
    asking.start()
    time.sleep(_SETTLE_SECONDS)
    try:
        yield
    finally:
        stop.set()
        asking.join()


def ask_for_files(address: str, cookie: str, stop: Event) -> None:
    """Request one file after another in many threads until told to stop."""
    asking = [threading.Thread(target=_ask_again, args=(address, cookie, stop, number)) for number in range(AT_ONCE)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()


def _ask_again(address: str, cookie: str, stop: Event, number: int) -> None:
    parts = urlsplit(address)
    for path in cycle((FILES[number % 2], FILES[1 - number % 2])):
        if stop.is_set():
            return
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
        with suppress(OSError, HTTPException), closing(connection):
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                time.sleep(RETRY_SECONDS)


@contextmanager
def everything_else(product: Product, greedy: Rep, sound: bytes) -> Iterator[None]:
    """Keep slow connections open, and send recordings for the worker to decode."""
    with psycopg.connect(product.database.url(SUPERUSER)) as admin:
        visits = [str(visit) for (visit,) in admin.execute(_VISITS, [RECORDINGS])]
    sending = threading.Thread(target=greedy.send_all, args=(visits, sound))
    with slow_sockets(product.port, Slow.BODY, count=SOCKETS, path="/login", cookie=greedy.cookie(), pause=2.0):
        sending.start()
        try:
            yield
        finally:
            sending.join()


if __name__ == "__main__":
    main()
