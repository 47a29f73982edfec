"""`/metrics` counts all processes of the web server, whichever of them answers, and needs no disk for it."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.faults.conftest import WebServer

TOKEN = "a token of the tests"
SIGN_IN_PAGES = re.compile(
    r'^switchboard_requests_total\{method="GET",route="/login",status="200"\} (\d+)', re.MULTILINE
)
#: A file in `/proc/<process>/maps` that is mapped writable and shared.
WRITABLE_FILE = re.compile(r"^\S+ rw.s (?:\S+\s+){3}(/.*)$", re.MULTILINE)


def processes_of(server: WebServer) -> list[int]:
    process = server.process.pid
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def answers_to(server: WebServer, number: int) -> set[str]:
    """Return the number of sign-in pages that each of `number` scrapes reports."""
    scraped = (server.text("/metrics", {"Authorization": f"Bearer {TOKEN}"}) for _ in range(number))
    return {pages for text in scraped for pages in SIGN_IN_PAGES.findall(text)}


def test_any_process_tells_what_all_of_them_counted(serve: Callable[..., WebServer]) -> None:
    server = serve(web_processes=2, metrics_token=TOKEN)
    for _ in range(20):
        assert server.ask("/login")[0] == 200

    assert answers_to(server, 10) == {"20"}
    # A full disk would end a process that writes to a mapped file there.
    mapped = {file for process in processes_of(server) for file in WRITABLE_FILE.findall(maps_of(process))}
    assert {file for file in mapped if not file.startswith(("/memfd:metrics ", "/dev/zero"))} == set()
    assert any("counter" in file for file in mapped)


def maps_of(process: int) -> str:
    return Path(f"/proc/{process}/maps").read_text()
