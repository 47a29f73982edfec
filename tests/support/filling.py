"""Form data as sent by a user who knows nothing about the form."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element

from tests.support.pages import Page

_AHEAD = datetime.now(UTC) + timedelta(days=10)

TYPED = {
    "email": "somebody@new.example",
    "tel": "+12125550999",
    "number": "5",
    "date": f"{_AHEAD:%Y-%m-%d}",
    "time": "00:00",  # valid as the start and the end of the same day
    "datetime-local": f"{_AHEAD:%Y-%m-%dT10:00}",
    "url": "https://siem.example/audit",
}


class FileToSend(BytesIO):
    """A file that can be sent several times: closing it, as the test client does, rewinds it."""

    def close(self) -> None:
        """Go back to the beginning."""
        self.seek(0)


def filled(form: Element, page: Page, known: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return form data in which every empty field has a value.

    In each list, an option that isn't selected is chosen if there is one; of checkboxes or radio buttons with the same
    name, the last one is. An uploaded file has one data row. Fields that accept only certain values are filled from
    `known`, by field name.
    """
    kept = {name: value for name, value in page.fields_of(form).items() if value}
    words = {control.get("name", ""): _typed(control) for control in form.iter() if _is_typed_into(control)}
    names = {control.get("name") for control in form.iter()}
    others = {name: value for name, value in (known or {}).items() if name in names}
    return {**words, **kept, **_chosen(form), **others}


def _is_typed_into(control: Element) -> bool:
    is_text = control.tag == "textarea" or (
        control.tag == "input" and control.get("type") not in ("hidden", "checkbox", "radio", "submit", "button")
    )
    return is_text and bool(control.get("name")) and control.get("disabled") is None


def _typed(control: Element) -> Any:
    if control.get("type") == "file":
        return FileToSend(b"email,name,role\nsomebody@new.example,Some Body,csr\n"), "people.csv"
    return TYPED.get(control.get("type", ""), "Some words")


def _chosen(form: Element) -> dict[str, str]:
    """Return values for the lists, checkboxes and radio buttons that aren't disabled.

    In a list, the last option that has a value and isn't selected yet is chosen; a list without such an option is
    omitted. Of checkboxes or radio buttons with the same name, the last one is chosen.
    """
    found = {}
    for control in form.iter():
        name = control.get("name")
        if not name or control.get("disabled") is not None:
            continue
        if control.tag == "select":
            others = [option.get("value", "") for option in control.iter("option") if option.get("selected") is None]
            if wanted := [value for value in others if value]:
                found[name] = wanted[-1]
        elif control.get("type") in ("checkbox", "radio"):
            found[name] = control.get("value", "on")
    return found
