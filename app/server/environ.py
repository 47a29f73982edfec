"""Conversion of a request's ASGI scope to a WSGI environment."""

import sys
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

#: Headers with names of their own in WSGI.
_NAMES = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}

#: Versions whose names in ASGI differ from those in HTTP; the server names 1.0 without its zero.
_PROTOCOLS = {"1": "HTTP/1.0"}


def environ_of(scope: dict[str, Any]) -> dict[str, Any]:
    """Build the WSGI environment (PEP 3333) of a request, without the body.

    Bytes that are not valid text are preserved.
    """
    server, client = scope["server"] or ("", 0), scope["client"] or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": _PROTOCOLS.get(scope["http_version"], f"HTTP/{scope['http_version']}"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        _add_header(environ, name, value.decode("latin-1"))
    return environ


def _add_header(environ: dict[str, Any], name: bytes, value: str) -> None:
    if b"_" in name:
        return  # would be confused with the hyphenated header, which a proxy may have set
    key = _NAMES.get(name) or f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"
    if key in environ:
        value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
    environ[key] = value
