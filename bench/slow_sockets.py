"""`python -m bench.slow_sockets`: eight users, with and without 200 slow connections of each kind.

The slow readers download the audit trail as a file, which is produced in a slot and is larger than what a connection
buffers.

The product is started with its demonstration in a folder of its own, and measured with and without the connections in
turn. Prints the median and the 95th percentile of a page in milliseconds, without and with the connections, and the
ratio. The exit code is 1 if a user got no page.
"""

import os
import statistics
import sys
import threading
import time
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import HTTPCookieProcessor

from bench.load import Visitor
from bench.product import Product
from demo.companies import PASSWORD
from tests.support.slow_sockets import Slow, slow_sockets

PEOPLE = 8
PAGES = ("/calls", "/tasks", "/audit", "/appointments", "/leads", "/csr")
_SETTLE_SECONDS = 3.0


class Clicker(Visitor):
    """Visitor who reads one page after another and records the time of each, in seconds."""

    def __init__(self, address: str, stop: threading.Event) -> None:
        super().__init__(address, "evelyn.marsh@brightwater.example", PASSWORD, stop)
        self.seconds: list[float] = []
        self._pages = cycle(PAGES)

    def cookie(self) -> str:
        """Sign in and return the header with the session cookie."""
        self._sign_in()
        jar = next(one.cookiejar for one in self._browser.handlers if isinstance(one, HTTPCookieProcessor))  # type: ignore[attr-defined]
        return "; ".join(f"{one.name}={one.value}" for one in jar)

    def act(self) -> None:
        """Request the next page and record its time."""
        began = time.perf_counter()
        self.get(next(self._pages))
        self.seconds.append(time.perf_counter() - began)


def main() -> None:
    """Measure in turns and print the table, as described in the module."""
    rounds, seconds = int(os.environ.get("ROUNDS", "3")), float(os.environ.get("SECONDS", "10"))
    failed = False
    with TemporaryDirectory(prefix="slow-") as folder:
        product = Product(Path(folder))
        product.start()
        try:
            cookie = Clicker(product.address, threading.Event()).cookie()
            print("| 200 connections with a slow … | p50 without | with | ratio | p95 without | with | ratio |")
            print("|---|---|---|---|---|---|---|")
            for slow in Slow:
                without: list[float] = []
                beside: list[float] = []
                for _ in range(rounds):
                    failed |= _click(product, seconds, without)
                    path = "/audit.csv" if slow == Slow.READING else "/login"
                    with slow_sockets(product.port, slow, path=path, cookie=cookie, pause=2.0):
                        time.sleep(_SETTLE_SECONDS)
                        failed |= _click(product, seconds, beside)
                print(f"| {slow} | {_compared(without, beside)} |", flush=True)
        finally:
            product.stop()
    sys.exit(1 if failed else 0)


def _click(product: Product, seconds: float, into: list[float]) -> bool:
    """Run all users for `seconds`, and return whether any of them got no page."""
    stop = threading.Event()
    people = [Clicker(product.address, stop) for _ in range(PEOPLE)]
    for one in people:
        one.start()
    time.sleep(seconds)
    stop.set()
    for one in people:
        one.join()
        into += one.seconds
    return any(status != 200 for one in people for status in one.statuses)


def _compared(without: list[float], beside: list[float]) -> str:
    cells = []
    for percent in (50, 95):
        before, after = (statistics.quantiles(some, n=100)[percent - 1] * 1000 for some in (without, beside))
        cells += [f"{before:.0f} ms", f"{after:.0f} ms", f"{after / before:.2f}"]
    return " | ".join(cells)


if __name__ == "__main__":
    main()
