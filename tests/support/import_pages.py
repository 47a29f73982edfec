"""Helper that runs imports through the app's pages, as a user does."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from flask import Flask

from app.models import ImportKind
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.pages import Page


@dataclass
class ImportPages:
    """Pages of an import; `at` is the URL of the import that was uploaded last."""

    client: Client
    at: str = ""

    def upload(
        self,
        content: bytes | Path,
        name: str = "calls.csv",
        kind: ImportKind = ImportKind.CALLS,
        fields: Mapping[str, str] | None = None,
    ) -> Page:
        """Send a file, and return the page for its mapping."""
        answer = self.send(content, name, kind, fields)
        self.at = answer.headers["Location"].removesuffix("/mapping")
        return self.client.follow(answer)

    def send(
        self,
        content: bytes | Path,
        name: str = "calls.csv",
        kind: ImportKind = ImportKind.CALLS,
        fields: Mapping[str, str] | None = None,
        *,
        status: int = 303,
    ) -> Page:
        """Send a file with the form, and return the response."""
        action = f"/imports/new?kind={kind}"
        form = self.client.get(action).fields(action)
        data = content.read_bytes() if isinstance(content, Path) else content
        return self.client.post(action, {**form, **(fields or {}), "file": (BytesIO(data), name)}, status=status)

    def map(self, page: Page, changes: Mapping[str, str] | None = None, *, status: int = 303, to: str = "") -> Page:
        """Submit the form of a mapping page with these changes, and let the worker check the file.

        With `to="/save"`, the mapping is saved under a name instead.
        """
        form = page.fields(f"{self.at}/mapping", "post")
        answer = self.client.post(f"{self.at}/mapping{to}", {**form, **(changes or {})}, status=status)
        if answer.status == 303 and not to:
            run_worker(self.client.app, schedule=(), until_idle=True)  # checks the whole file
        return answer

    def start(self, preview: Page, **fields: str) -> Page:
        """Press the button of a preview, and return the page that shows the progress."""
        form = preview.fields(f"{self.at}/run")
        return self.client.follow(self.client.post(f"{self.at}/run", {**form, **fields}))

    def run(
        self,
        app: Flask,
        content: bytes | Path,
        name: str = "calls.csv",
        kind: ImportKind = ImportKind.CALLS,
        **fields: str,
    ) -> Page:
        """Run a whole import with the suggested mapping, and return the page with the result."""
        preview = self.client.follow(self.map(self.upload(content, name, kind)))
        self.start(preview, **fields)
        run_worker(app, schedule=(), until_idle=True)
        return self.client.get(self.at)

    def take_back(self, app: Flask, name: str) -> Page:
        """Undo the current import, whose file is called `name`, and return its page."""
        for address, fields in ((f"{self.at}/undo/weigh", {}), (f"{self.at}/undo", {"name": name})):
            page = self.client.get(self.at if not fields else address)
            self.client.post(address, {**page.fields(address, "post"), **fields})
            run_worker(app, schedule=(), until_idle=True)
        return self.client.get(self.at)


def column(page: Page, name: str) -> str:
    """Return the name of the form field for a file's column."""
    labels = {"".join(label.itertext()): label.get("for", "") for label in page.all(".//label[@for]")}
    return labels[name]
