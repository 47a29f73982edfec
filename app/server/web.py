"""Web server process: granian, stopped in an order that leaves no request without a response.

    python -m app.server.web --port 8000

(`app.server.processes` starts it this way, with the metrics folder in the environment.)

When told to stop, it first announces the stop to its worker processes: the load balancer's health check and all new
requests get 503, while running requests are finished. Only then do the processes end. Later signals change nothing.
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
from app.db import migrate
from app.extensions import db
from app.server.gateway import Gateway
from app.server.memory import keep_memory_private
from app.server.parent import end_with_parent
from app.tracing import stop_tracing
from app.web.concurrency_limit import shares_of_lanes
from app.web.stopping import announce_stop, are_busy

FINISH_SECONDS = 30.0  # time for running requests when the server is told to stop
#: Threads for requests answered without a slot: static files, and all rejected requests.
_SPARE_THREADS = 16
_MAX_CONNECTIONS = 1024
_KILL_AFTER_SECONDS = 5
_LOOK_SECONDS = 0.05


class WebServer(MPServer):
    """Granian's server with a graceful shutdown."""

    def __init__(self, settings: Settings, port: int) -> None:
        super().__init__(
            "wsgi:app",
            address=settings.host,
            port=port,
            interface=Interfaces.ASGINL,
            # Over HTTP/2, one connection could hold many slow requests.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=round(settings.head_seconds * 1000)),
            workers=settings.web_processes,
            # Granian counts open connections, including idle ones kept open by browsers. The number of running and
            # waiting requests is limited inside the app (`app.web.concurrency_limit`), which answers those over the
            # limit.
            backpressure=_MAX_CONNECTIONS,
            websockets=False,
            respawn_failed_workers=True,
            workers_kill_timeout=_KILL_AFTER_SECONDS,
            log_level=LogLevels.error,  # it warns of more threads than cores; ours wait most of the time
        )
        self._notice_seconds = settings.stop_notice_seconds
        self._unread_seconds = settings.unread_seconds

    def _init_shared_socket(self) -> None:
        """Open the listening socket here, for all processes.

        The library would have each process listen for itself, without the limit set below.
        """
        self._ssp, self._sso = None, _listening(self.bind_addr, self.bind_port, self.backlog, self._unread_seconds)
        # Granian annotates neither attribute, and its stubs are of another version.
        self._sfd = self._sso.fileno()  # type: ignore[assignment]
        self._shd = SocketHolder(self._sfd, False, self.backlog)  # type: ignore[assignment,call-arg]

    def shutdown(self, exit_code: int = 0) -> None:
        """Announce the stop, let running requests finish, and end the processes.

        They end when there was no request for the time of the notice: whoever has just received a page learns of the
        stop with the next one.
        """
        announce_stop()
        began = last_busy = time.monotonic()
        while (now := time.monotonic()) - began < max(FINISH_SECONDS, self._notice_seconds):
            if are_busy(self._processes()):
                last_busy = now
            elif now - last_busy >= self._notice_seconds:
                break
            time.sleep(_LOOK_SECONDS)
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]  # granian annotates its arguments only

    def _processes(self) -> list[int]:
        return [worker.inner.pid for worker in self.wrks if worker.inner.is_alive()]


def main() -> None:
    """Serve until told to stop; exit with a message for the operator if a setting is wrong."""
    parser = ArgumentParser(description="The web server of Switchboard.")
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port
    keep_memory_private()
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        raise SystemExit(str(error)) from None
    # Each connection is a file descriptor, and a large body or response takes another one.
    _soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # Worker processes are forked from this one, which loads everything they need so that the memory is shared.
    gc.disable()
    importlib.import_module("app.factory")
    migrate.head()  # now, since a later release can have replaced the files before the first check
    gc.freeze()
    gc.enable()
    multiprocessing.set_start_method("fork")
    server = WebServer(settings, port)
    server.serve(target_loader=_load, wrap_loader=False)


def _listening(host: str, port: int, backlog: int, unread_seconds: float) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit this from their listener: a client that reads nothing for this long is disconnected.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(unread_seconds * 1000))
    listener.bind((host, port))
    listener.listen(backlog)
    listener.setblocking(False)
    listener.set_inheritable(True)
    return listener


def _load() -> Gateway:
    """Load the app in a newly forked process."""
    # This process is granian's child and ends with it whatever happens; normally it is told to stop before.
    end_with_parent(signal.SIGKILL, os.getppid())
    app: Flask = importlib.import_module("wsgi").app
    util.Finalize(None, _leave, args=(app,), exitpriority=1)
    settings: Settings = app.config["SETTINGS"]
    threads = sum(shares.slots + shares.waiting for shares in shares_of_lanes(settings).values()) + _SPARE_THREADS
    return Gateway(
        app, threads=threads, request_seconds=settings.request_seconds, unread_seconds=settings.unread_seconds
    )


def _leave(app: Flask) -> None:
    """Close database connections and send the last traces, which a forked process doesn't do by itself."""
    stop_tracing()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


if __name__ == "__main__":
    main()
