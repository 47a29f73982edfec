"""Users and files that keep the product busy, and record exactly what was confirmed as saved.

Each user has a separate thread and continues through every fault as a person would: without a response, the same form
is sent again, with the same ID. Another thread uploads files; an upload that fails isn't repeated.
"""

import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from http.client import HTTPException
from http.cookiejar import CookieJar
from io import BytesIO
from time import perf_counter, sleep
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener
from uuid import UUID

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.data.imports.mapping_rules import Mapping
from app.data.imports.service import receive_file, start_import
from app.db.context import Context, use_context
from app.db.ids import uuid7
from app.extensions import db
from app.models import ImportKind

ROWS_OF_AN_IMPORT = 50

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_TIMEOUT_SECONDS = 40
_PAUSE_SECONDS = 0.2
_BETWEEN_FILES_SECONDS = 2
_NO_ANSWER = 0


class Visitor(threading.Thread):
    """A signed-in browser that repeats an action until told to stop."""

    def __init__(self, address: str, email: str, password: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._address, self._email, self._password, self._stop_asked = address, email, password, stop
        self._browser = _new_browser()
        self._token = ""
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0

    def run(self) -> None:
        """Sign in, and repeat the action until told to stop."""
        self._insist(self._sign_in)
        while not self._stop_asked.is_set():
            self.act()

    def act(self) -> None:
        """Perform this visitor's action once."""
        raise NotImplementedError

    def get(self, path: str) -> tuple[int, str]:
        """Return status and text of a page; status 0 if nothing responds."""
        return self._send(Request(self._address + path))  # noqa: S310 - an address of our own

    def post(self, path: str, fields: dict[str, str]) -> int:
        """Send a form with the token of the last page, follow redirects, and return the final status."""
        form = urlencode({"csrf_token": self._token, **fields}).encode()
        return self._send(Request(self._address + path, data=form))[0]  # noqa: S310

    def _sign_in(self) -> bool:
        # A browser that was signed in by a lost response would not get the form to sign in.
        self._browser = _new_browser()
        self.get("/login")
        return self.post("/login", {"email": self._email, "password": self._password}) == 200

    def _send(self, request: Request) -> tuple[int, str]:
        began = perf_counter()
        status, page = _NO_ANSWER, ""
        try:
            with self._browser.open(request, timeout=_TIMEOUT_SECONDS) as response:
                status, page = response.status, response.read().decode()
        except HTTPError as error:
            status = error.code
            error.close()
        except (OSError, HTTPException):
            sleep(_PAUSE_SECONDS)
        self.statuses[status] += 1
        self.slowest = max(self.slowest, perf_counter() - began)
        if found := _TOKEN.search(page):
            self._token = found[1]
        return status, page

    def _insist(self, attempt: Callable[[], bool]) -> bool:
        """Repeat `attempt` until it works, or until told to stop, and return whether it worked."""
        while not self._stop_asked.is_set():
            if attempt():
                return True
            sleep(_PAUSE_SECONDS)
        return False


def _new_browser() -> OpenerDirector:
    return build_opener(HTTPCookieProcessor(CookieJar()))


class Reader(Visitor):
    """Visitor who reads lists and dashboards."""

    def act(self) -> None:
        """Read the pages one after another."""
        for path in ("/calls", "/csr", "/tasks"):
            self.get(path)
            sleep(_PAUSE_SECONDS)


class Writer(Visitor):
    """Visitor who writes notes about calls.

    `tried` has the IDs of all notes, and `saved` those of the notes that a response confirmed.
    """

    def __init__(self, address: str, email: str, password: str, stop: threading.Event, *, calls: Sequence[str]) -> None:
        super().__init__(address, email, password, stop)
        self._calls = calls
        self.tried: set[UUID] = set()
        self.saved: set[UUID] = set()

    def act(self) -> None:
        """Write one note, sent again until it is confirmed or the load ends."""
        note_id = uuid7()
        self.tried.add(note_id)
        path = f"/calls/{self._calls[len(self.tried) % len(self._calls)]}"

        def write() -> bool:
            if self.get(path)[0] != 200:
                return False
            return self.post(f"{path}/notes", {"note_id": str(note_id), "body": f"Note {note_id}"}) == 200

        if self._insist(write):
            self.saved.add(note_id)
        sleep(_PAUSE_SECONDS)


class Uploader(threading.Thread):
    """Thread that uploads files.

    `asked` has the IDs of the imports that were committed, and `unknown` the IDs of those whose outcome is uncertain.
    """

    def __init__(self, app: Flask, organization_id: UUID, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._app, self._organization_id, self._stop_asked = app, organization_id, stop
        self.asked: set[UUID] = set()
        self.unknown: set[UUID] = set()

    def run(self) -> None:
        """Upload one file after another."""
        while not self._stop_asked.is_set():
            import_id = uuid7()
            try:
                self.upload(import_id, ROWS_OF_AN_IMPORT)
                self.asked.add(import_id)
            except SQLAlchemyError:
                self.unknown.add(import_id)
            sleep(_BETWEEN_FILES_SECONDS)

    def upload(self, import_id: UUID, number: int) -> None:
        """Upload a file with a number of calls and have it imported."""
        rows = [f"2026-03-02 {row // 60 % 24:02}:{row % 60:02},Y,{import_id}" for row in range(number)]
        file = "\n".join(["started_at,answered,topic", *rows]).encode()
        columns = {"started_at": "started_at", "answered": "answered", "topic": "topic"}
        mapping = Mapping.model_validate({"kind": "calls", "columns": columns})
        context = Context(organization_id=self._organization_id, actor_label="bench")
        with self._app.app_context(), use_context(context):
            row = receive_file(BytesIO(file), "calls.csv", ImportKind.CALLS, import_id=import_id)
            # As if a user had reviewed the preview of the whole file.
            row.mapping, row.preview = mapping.model_dump(mode="json"), {}
            db.session.flush()
            start_import(row, mapping, create_users=False)
            db.session.commit()
