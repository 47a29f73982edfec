"""A proxy between the app and its database that can stop responding, or close all connections."""

import contextlib
import socket
import threading
from pathlib import Path
from urllib.parse import quote

_CHUNK = 65_536


class Relay:
    """A Unix socket in `folder` that stands in for PostgreSQL's socket in `target` and relays to it."""

    def __init__(self, folder: Path, target: Path) -> None:
        name = ".s.PGSQL.5432"
        self._folder, self._behind = folder, target
        self._target = str(target / name)
        self._passes = threading.Event()
        self._passes.set()
        self._refuses = False
        self._open: set[socket.socket] = set()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / name))
        self._listening.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()

    def address(self, url: str) -> str:
        """Return the database's `url`, changed to connect through this relay."""
        return url.replace(quote(str(self._behind), safe=""), quote(str(self._folder), safe=""))

    def fall_silent(self) -> None:
        """Stop relaying data, so that both sides wait forever.

        New connections are accepted but get no response.
        """
        self._passes.clear()

    def speak_again(self) -> None:
        """Resume relaying data, including data sent in the meantime."""
        self._passes.set()

    def hang_up(self) -> None:
        """Close all connections, and close new ones immediately."""
        self._refuses = True
        for near in tuple(self._open):
            with contextlib.suppress(OSError):
                near.shutdown(socket.SHUT_RDWR)

    def answer_again(self) -> None:
        """Resume relaying new connections."""
        self._refuses = False

    def close(self) -> None:
        """Stop accepting connections."""
        self._listening.close()
        self._passes.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = self._listening.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, socket.socket(socket.AF_UNIX) as far:
            if self._refuses:
                return
            self._open.add(near)
            far.connect(self._target)
            back = threading.Thread(target=self._pass_on, args=(far, near), daemon=True)
            back.start()
            self._pass_on(near, far)
            back.join()
            self._open.discard(near)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                self._passes.wait()
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
