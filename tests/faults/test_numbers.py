"""`/metrics` counts all processes of the web server, whichever of them answers."""

import re
from collections.abc import Callable

from tests.faults.conftest import WebServer

TOKEN = "a token of the tests"
SIGN_IN_PAGES = re.compile(
    r'^switchboard_requests_total\{method="GET",route="/login",status="200"\} (\d+)', re.MULTILINE
)


def test_any_process_tells_what_all_of_them_counted(serve: Callable[..., WebServer]) -> None:
    server = serve(web_processes=2, metrics_token=TOKEN)
    for _ in range(20):
        assert server.ask("/login")[0] == 200

    told = {server.text("/metrics", {"Authorization": f"Bearer {TOKEN}"}) for _ in range(10)}

    assert {SIGN_IN_PAGES.findall(one)[0] for one in told} == {"20"}
