"""Minimal browser of the bench: one persistent connection, a session, and raw pages."""

import re
import socket
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import zstandard

HOST = "127.0.0.1"

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_PIECE_BYTES = 1 << 18


class Visitor:
    """HTTP client that sends preformatted requests, so that it takes only microseconds itself.

    `credentials` are header lines.
    """

    def __init__(self, port: int, credentials: str = "") -> None:
        self._head = f" HTTP/1.1\r\nHost: {HOST}:{port}\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n{credentials}"
        self._connection = socket.create_connection((HOST, port))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str) -> bytes:
        """Return the body as it was sent; any response other than a page ends the bench."""
        return self._body_of(path, f"GET {path}{self._head}\r\n".encode(), b"HTTP/1.1 200")

    def post(self, path: str, headers: str, body: bytes, status: int) -> bytes:
        """Send `body` with these header lines, and return the response's body; another status ends the bench."""
        head = f"POST {path}{self._head}{headers}Content-Length: {len(body)}\r\n\r\n".encode()
        return self._body_of(path, head + body, b"HTTP/1.1 %d" % status)

    def _body_of(self, path: str, sent: bytes, wanted: bytes) -> bytes:
        self._connection.sendall(sent)
        got = self._connection.recv(_PIECE_BYTES)
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self._more()
        if not got.startswith(wanted):
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
    return form_of(port, email, password, "/account")[0]


def form_of(port: int, email: str, password: str, path: str) -> tuple[str, str]:
    """Sign in and open a page; return the cookies as a header, and the token of the page's forms."""
    address, jar = f"http://{HOST}:{port}", CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    token = _token_on(browser, f"{address}/login")
    # Avoids the home page of the role, which needs more data than the bench has created.
    fields = urlencode({"csrf_token": token, "email": email, "password": password, "next": "/account"}).encode()
    with browser.open(f"{address}/login", fields) as answer:
        if answer.url == f"{address}/login":
            raise SystemExit(f"{email} cannot sign in.")
    token = _token_on(browser, f"{address}{path}")
    return f"Cookie: {'; '.join(f'{cookie.name}={cookie.value}' for cookie in jar)}\r\n", token


def _token_on(browser: OpenerDirector, address: str) -> str:
    with browser.open(address) as page:
        token = _TOKEN.search(page.read().decode())
    if token is None:
        raise SystemExit(f"{address} has no form.")
    return token[1]
