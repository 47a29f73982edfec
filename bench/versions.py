"""`python -m bench.versions CHECKOUT`: CPU time of ten list pages compared with another checkout.

Both checkouts serve the demonstration from one database, each in a process of its own, in turns: PAIRS pairs of
REQUESTS requests (20 and 10) for each list, with warm caches and with caches cleared between requests. Prints the
median of the ratios of the pairs for each list, and over all lists. The other checkout must have the same migrations,
and compiled translations. The measured value is the process time of a request, excluding the database.
"""

import json
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PATHS = (
    *("/calls?period=last_30", "/leads", "/appointments", "/contacts", "/tasks", "/trash", "/missed-calls"),
    *("/users", "/knowledge", "/service-types"),
)
PAIRS = int(os.environ.get("PAIRS", "20"))
REQUESTS = int(os.environ.get("REQUESTS", "10"))
_WARM_UP = 5


class Server:
    """A process that requests pages from one checkout of the product and reports their cost."""

    def __init__(self, checkout: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).resolve()), "--serve"], cwd=checkout, text=True,
            env={**environment, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": ""},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def seconds(self, path: str, requests: int, *, kept: bool) -> float:
        """Return the process time of this many requests for a page."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise SystemExit("The process has no pipes.")
        stdin.write(json.dumps([path, requests, kept]) + "\n")
        stdin.flush()
        answer = stdout.readline()
        if not answer:
            raise SystemExit(f"{path}: the process has ended.")
        return float(answer)

    def close(self) -> None:
        """End the process and wait for it."""
        self._process.terminate()
        self._process.wait()


def serve() -> None:
    """Answer the requests of `Server`, using only code that all compared checkouts share."""
    from app.caches import CACHES  # noqa: PLC0415
    from app.factory import create_app  # noqa: PLC0415 - from the checkout in PYTHONPATH
    from app.security.cached_selections import CACHED_SELECTIONS  # noqa: PLC0415
    from demo.companies import PASSWORD  # noqa: PLC0415

    client: Any = create_app().test_client()
    logging.disable(logging.INFO)  # one line for each request
    page = client.get("/login").text
    token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    who = {"email": os.environ["BENCH_EMAIL"], "password": PASSWORD, "next": "/account", "csrf_token": token}
    client.post("/login", data=who)

    def ask(path: str) -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status}")

    for line in sys.stdin:
        path, requests, kept = json.loads(line)
        spent = 0.0
        for _request in range(requests):
            if not kept:
                for function in CACHES.values():
                    function.cache_clear()
                for selection in CACHED_SELECTIONS:
                    selection.known.clear()
            began = time.process_time()
            ask(path)
            spent += time.process_time() - began
        sys.stdout.write(f"{spent}\n")
        sys.stdout.flush()


@contextmanager
def _demonstration(folder: Path) -> Any:
    """Yield the environment for processes that use a database with the demonstration."""
    from bench.product import Product  # noqa: PLC0415 - unavailable when this file is run by its path

    product = Product(folder)
    product.start()
    try:
        yield {**product.environment, "BENCH_EMAIL": "evelyn.marsh@brightwater.example"}
    finally:
        product.stop()


def _ratios(ours: Server, theirs: Server, path: str, *, kept: bool) -> list[float]:
    for server in (ours, theirs):
        server.seconds(path, _WARM_UP, kept=True)
    found = []
    requests = REQUESTS if kept else max(REQUESTS // 4, 1)
    for pair in range(PAIRS):
        order: list[Server] = [ours, theirs] if pair % 2 else [theirs, ours]
        spent = {id(server): server.seconds(path, requests, kept=kept) for server in order}
        found.append(spent[id(ours)] / spent[id(theirs)])
    return found


def main(checkout: Path) -> None:
    """Compare this checkout with another one and print the ratios."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        environment = stack.enter_context(_demonstration(folder))
        from app.config import PROJECT_ROOT  # noqa: PLC0415

        servers = [Server(one, environment) for one in (PROJECT_ROOT, checkout.resolve())]
        for server in servers:
            stack.callback(server.close)
        every: dict[bool, list[float]] = {True: [], False: []}
        median: Callable[[list[float]], float] = statistics.median
        print(f"{'':28} {'warm':>6} {'cold':>6}")
        for path in PATHS:
            both = {kept: _ratios(servers[0], servers[1], path, kept=kept) for kept in (True, False)}
            for kept, ratios in both.items():
                every[kept].append(median(ratios))
            print(f"{path:28} {median(both[True]):6.3f} {median(both[False]):6.3f}", flush=True)
        print(f"{'median of the lists':28} {median(every[True]):6.3f} {median(every[False]):6.3f}")


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve()
    elif len(sys.argv) == 2:
        main(Path(sys.argv[1]))
    else:
        raise SystemExit(__doc__)
