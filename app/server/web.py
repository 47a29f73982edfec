"""The web server as a process of its own: granian, stopped in an order that leaves no request without an answer.

    python -m app.server.web --port 8000

(`app.server.processes` starts it so, with the folder of its numbers in the environment.)

Told to stop, it first announces it to its processes: the balancer's health check and every new request get 503, while
what runs is finished. Only then the processes end. A later signal changes nothing.
"""

import gc
import importlib
import multiprocessing
import os
import resource
import signal
import socket
import time
from argparse import ArgumentParser
from multiprocessing import util

from flask import Flask
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from app.config import Settings, SettingsError
from app.extensions import db
from app.server.gateway import Gateway
from app.server.parent import end_with_parent
from app.tracing import stop_tracing
from app.web.concurrency_limit import shares_of_lanes
from app.web.stopping import announce_stop, are_busy

FINISH_SECONDS = 30.0  # what runs when the server is told to stop may take so long
#: Threads for those who are answered without a slot: static files, and everybody who is sent away.
_SPARE_THREADS = 16
_MAX_CONNECTIONS = 1024
_KILL_AFTER_SECONDS = 5
_LOOK_SECONDS = 0.05


class WebServer(MPServer):
    """Granian's server with a farewell."""

    def __init__(self, settings: Settings, port: int) -> None:
        super().__init__(
            "wsgi:app",
            address=settings.host,
            port=port,
            interface=Interfaces.ASGINL,
            # Over HTTP/2 one connection could hold many requests that come slowly.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=round(settings.head_seconds * 1000)),
            workers=settings.web_processes,
            # It counts open connections, also those that browsers keep for later: how many requests work and wait is
            # settled inside (`app.web.concurrency_limit`), where who finds no place is told so.
            backpressure=_MAX_CONNECTIONS,
            websockets=False,
            respawn_failed_workers=True,
            workers_kill_timeout=_KILL_AFTER_SECONDS,
            log_level=LogLevels.error,  # it warns of more threads than cores; ours wait most of the time
        )
        self._notice_seconds = settings.stop_notice_seconds
        self._unread_seconds = settings.unread_seconds

    def _init_shared_socket(self) -> None:
        """Listen here, for all processes; the library would have each listen for itself, without the limit below."""
        self._ssp, self._sso = None, _listening(self.bind_addr, self.bind_port, self.backlog, self._unread_seconds)
        # The library annotates neither, and its stubs are of another version.
        self._sfd = self._sso.fileno()  # type: ignore[assignment]
        self._shd = SocketHolder(self._sfd, False, self.backlog)  # type: ignore[assignment,call-arg]

    def shutdown(self, exit_code: int = 0) -> None:
        """Announce the end, let what runs finish, and end the processes."""
        announce_stop()
        began = time.monotonic()
        time.sleep(self._notice_seconds)
        while time.monotonic() - began < FINISH_SECONDS and are_busy(self._processes()):
            time.sleep(_LOOK_SECONDS)
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]  # granian annotates its arguments only

    def _processes(self) -> list[int]:
        return [worker.inner.pid for worker in self.wrks if worker.inner.is_alive()]


def main() -> None:
    """Serve until told to stop. A wrong setting ends it with its sentence."""
    parser = ArgumentParser(description="The web server of Switchboard.")
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        raise SystemExit(str(error)) from None
    # Each connection is a file, and a large body or answer one more.
    _soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # The processes share memory with this one, which therefore loads what all of them need, to keep it.
    gc.disable()
    importlib.import_module("app.factory")
    gc.freeze()
    gc.enable()
    multiprocessing.set_start_method("fork")
    server = WebServer(settings, port)
    server.serve(target_loader=_load, wrap_loader=False)


def _listening(host: str, port: int, backlog: int, unread_seconds: float) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections have it from their listener: who reads nothing for so long is cut off.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(unread_seconds * 1000))
    listener.bind((host, port))
    listener.listen(backlog)
    listener.setblocking(False)
    listener.set_inheritable(True)
    return listener


def _load() -> Gateway:
    """The application, in a process that has just been made for it."""
    # This process is granian's child, and ends with it whatever happens; in order, it is told to stop before.
    end_with_parent(signal.SIGKILL, os.getppid())
    app: Flask = importlib.import_module("wsgi").app
    util.Finalize(None, _leave, args=(app,), exitpriority=1)
    settings: Settings = app.config["SETTINGS"]
    threads = sum(shares.slots + shares.waiting for shares in shares_of_lanes(settings).values()) + _SPARE_THREADS
    return Gateway(
        app, threads=threads, request_seconds=settings.request_seconds, unread_seconds=settings.unread_seconds
    )


def _leave(app: Flask) -> None:
    """Give the connections back and send the last traces; this kind of process does not do so by itself."""
    stop_tracing()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


if __name__ == "__main__":
    main()
