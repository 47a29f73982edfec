"""Search for a port to listen on, and a check of whether a server answers on one."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

_TRIES = 50


def free_port(host: str, wanted: int) -> int:
    """Return `wanted`, or the next free port.

    Raises OSError, with a sentence for the operator, if none of the next fifty is free or `host` is not an address of
    this machine.
    """
    for port in range(wanted, min(wanted + _TRIES, 65536)):
        if _is_free(host, port):
            return port
    raise OSError(f"Ports {wanted} to {wanted + _TRIES - 1} of {host} are all in use.")


@contextmanager
def claimed_port(host: str, wanted: int) -> Iterator[int]:
    """Yield a free port that no other caller of this function gets until the block ends.

    Two processes started at the same time would find the same port free, and both could listen: the web server's
    processes share a port, so the system doesn't refuse an unrelated process that does the same. Raises OSError.
    """
    port = free_port(host, wanted)
    with socket.socket(socket.AF_UNIX) as claim:
        while not _is_claimed(claim, host, port):
            port = free_port(host, port + 1)
        yield port


def answers(host: str, port: int, path: str) -> bool:
    """Return whether a web server answers a GET of `path` at all, with any status."""
    connection = HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def _is_claimed(claim: socket.socket, host: str, port: int) -> bool:
    """Return whether this process now holds the claim: an abstract socket name, released when the process ends."""
    try:
        claim.bind(f"\0switchboard {host} {port}")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise
    return True


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # Without this, a port that was in use a minute ago would appear taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise OSError(f"Port {port} of {host} can’t be used: {error.strerror}.") from None
        return True
