"""Minimal browser of the bench: one persistent connection, a session, and raw pages."""

import re
import socket
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import zstandard

HOST = "127.0.0.1"

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_PIECE_BYTES = 1 << 18


class Visitor:
    """HTTP client that sends preformatted requests, so that it takes only microseconds itself."""

    def __init__(self, port: int, cookies: str = "") -> None:
        self._head = f" HTTP/1.1\r\nHost: {HOST}:{port}\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n{cookies}\r\n"
        self._connection = socket.create_connection((HOST, port))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str) -> bytes:
        """Return the body as it was sent; any response other than a page ends the bench."""
        self._connection.sendall(f"GET {path}{self._head}".encode())
        got = self._connection.recv(_PIECE_BYTES)
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self._more()
        if not got.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{path}: {got[:1000].decode(errors='replace')}")
        length = _LENGTH.search(got, 0, end + 2)
        if length is None:
            raise SystemExit(f"{path}: an answer without its length")
        pieces, missing = [got[end + 4 :]], int(length[1]) - (len(got) - end - 4)
        while missing > 0:
            pieces.append(self._more())
            missing -= len(pieces[-1])
        return b"".join(pieces)

    def text(self, path: str) -> str:
        """Return the decompressed text of a page."""
        return zstandard.ZstdDecompressor().decompressobj().decompress(self.get(path)).decode()

    def close(self) -> None:
        self._connection.close()

    def _more(self) -> bytes:
        got = self._connection.recv(_PIECE_BYTES)
        if not got:
            raise SystemExit("The server has closed the connection.")
        return got


def cookies_of(port: int, email: str, password: str) -> str:
    """Sign in and return the cookies as a header."""
    address, jar = f"http://{HOST}:{port}/login", CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    with browser.open(address) as form:
        token = _TOKEN.search(form.read().decode())
    if token is None:
        raise SystemExit("The page to sign in has no form.")
    # Avoids the home page of the role, which needs more data than the bench has created.
    fields = urlencode({"csrf_token": token[1], "email": email, "password": password, "next": "/account"}).encode()
    with browser.open(address, fields) as answer:
        if answer.url == address:
            raise SystemExit(f"{email} cannot sign in.")
    return f"Cookie: {'; '.join(f'{cookie.name}={cookie.value}' for cookie in jar)}\r\n"
