"""The function calls of one request: those listed in docs/architecture.md, in that order."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from app.config import PROJECT_ROOT
from app.models import Organization, Role
from tests.support.client import Client
from tests.support.factories import Factories

_SECTION = re.compile(r"^## GET /leads, call by call$(.*?)^## ", re.DOTALL | re.MULTILINE)
_ROW = re.compile(r"^\| (`.+?`) \| `(app/.+?)` \|", re.MULTILINE)


def listed() -> Iterator[tuple[str, str]]:
    """Yield the file and function of each call that the document lists."""
    found = _SECTION.search((PROJECT_ROOT / "docs/architecture.md").read_text())
    assert found is not None
    for calls, path in _ROW.findall(found[1]):
        yield from ((path, call.strip("`")) for call in calls.split(", "))


def test_the_calls_of_the_list_of_leads_are_as_the_document_says(
    client: Client, make: Factories, organization: Organization
) -> None:
    make.lead(organization)
    client.sign_in(make.user(organization, Role.OWNER)).get("/leads")
    called: list[tuple[str, str]] = []
    root = f"{PROJECT_ROOT}/"

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        path = frame.f_code.co_filename
        if event == "call" and path.startswith(root):
            called.append((str(Path(path).relative_to(root)), frame.f_code.co_qualname))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        client.get("/leads?stage=new")
    finally:
        sys.setprofile(before)

    rest = iter(called)
    assert [call for call in listed() if call not in rest] == []
