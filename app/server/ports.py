"""Finds where to listen, and whether somebody answers there."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

_TRIES = 50


def free_port(host: str, wanted: int) -> int:
    """`wanted`, or the next port that nobody listens on.

    Raises OSError, with a sentence for the operator, when none of the next fifty is free or `host` is not ours.
    """
    for port in range(wanted, min(wanted + _TRIES, 65536)):
        if _is_free(host, port):
            return port
    raise OSError(f"Ports {wanted} to {wanted + _TRIES - 1} of {host} are all taken.")


@contextmanager
def claimed_port(host: str, wanted: int) -> Iterator[int]:
    """A free port, as `free_port` finds it, that is given to nobody else who asks here until the block ends.

    Two who start at once both find it free, and both could listen: the web server's processes share a port, so that
    the system does not refuse a stranger who does the same. Raises OSError.
    """
    port = free_port(host, wanted)
    with socket.socket(socket.AF_UNIX) as claim:
        while not _is_claimed(claim, host, port):
            port = free_port(host, port + 1)
        yield port


def answers(host: str, port: int, path: str) -> bool:
    """Whether a web server answers there at all, whatever it says."""
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
    """Whether it is ours now: a name that no file stands for, and that goes with the process."""
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
        # Without this a port that was in use a minute ago would count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise OSError(f"Nothing can listen on port {port} of {host}: {error.strerror}.") from None
        return True
