"""A mail server on loopback that implements as much SMTP as the app's client needs."""

import socketserver
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from tests.support.serving import serving


class FakeMailServer:
    """Mail server that keeps the emails it receives.

    `replies` maps the first word of an SMTP command to the reply that replaces the usual one.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.receivers: list[str] = []
        self.replies: dict[str, str] = {}
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _conversation(self))
        self._server.daemon_threads = True
        self._serving = serving(self._server)

    @property
    def url(self) -> str:
        """The value for SMTP_URL."""
        return f"smtp://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._serving.__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        self._serving.__exit__(None, None, None)


def _conversation(server: FakeMailServer) -> type[socketserver.StreamRequestHandler]:
    class Conversation(socketserver.StreamRequestHandler):
        """Handler of one client's connection."""

        def handle(self) -> None:
            self._say("220 here")
            while line := self.rfile.readline():
                word = line.split(b" ")[0].strip().decode().upper()
                reply = server.replies.get(word)
                if reply is not None:
                    self._say(reply)
                elif word == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._usual(word, line)

        def _usual(self, word: str, line: bytes) -> None:
            if word == "RCPT":
                server.receivers.append(line.decode().split("<")[1].split(">")[0])
            if word != "DATA":
                self._say("250 fine")
                return
            self._say("354 go on")
            lines: list[bytes] = []
            while (text := self.rfile.readline()) != b".\r\n":
                lines.append(text.removeprefix(b".") if text.startswith(b"..") else text)
            parsed: Any = message_from_bytes(b"".join(lines), policy=policy.default)
            server.mails.append(parsed)
            self._say("250 taken")

        def _say(self, reply: str) -> None:
            self.wfile.write(reply.encode() + b"\r\n")

    return Conversation
