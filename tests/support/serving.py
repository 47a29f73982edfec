"""Servers of tests, which answer from a thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer

#: How often a server looks whether it is to stop: by itself each half second, which every test would wait for.
_POLL_SECONDS = 0.01


@contextmanager
def serving(server: BaseServer) -> Iterator[None]:
    """Let `server` answer until the block ends, and close it."""
    thread = threading.Thread(
        target=server.serve_forever, args=(_POLL_SECONDS,), name=type(server).__name__, daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
