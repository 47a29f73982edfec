"""Strings that have broken other software, in the fields of every form: each is refused, or stored and shown.

A refusal is shown at the field. A stored string is as it was typed (trimmed, NFC, without characters that no page can
show) and shown as text. The strings are joined, as many as a field holds, so that some 500 of them take seconds per
form and not minutes.
"""

import json
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.form_setups import WAYS
from tests.support.hostile import as_kept
from tests.support.hostile_forms import HostileForm, hostile_form, hostile_forms
from tests.support.real_data import shared_data
from tests.support.stage import Stage

__all__ = ["shared_data"]

pytestmark = pytest.mark.real_data

#: Length for a field without a maximum, and for a single text of a field that takes several, separated by commas.
_ROOM = 200
_ROOMS = {"tags": 40}
#: How often a form is sent. If its fields are short, the next form continues with the remaining strings.
_TURNS, _TURNS_OF_LONG = 6, 3
_MUCH = 5000


@pytest.fixture
def strings(shared_data: Path) -> Sequence[str]:
    """The big list of naughty strings, and spreadsheet formulas; only those that aren't empty when stored."""
    folder = shared_data / "naughty"
    listed: list[str] = json.loads((folder / "blns.json").read_text(encoding="utf-8"))
    formulas = [line for path in sorted(folder.glob("csv-*.txt")) for line in path.read_text("utf-8").splitlines()]
    facts = json.loads((folder / "FACTS.json").read_text())
    assert len(listed) == facts["blns_json_strings"]
    return [one for one in dict.fromkeys([*listed, *formulas]) if as_kept(one)]


def test_no_form_breaks_or_loses_a_naughty_string(stage: Stage, admin_engine: Engine, strings: Sequence[str]) -> None:
    wrong: dict[str, list[str]] = {}
    waiting, sent = deque(strings), set[str]()
    for form in hostile_forms(stage):
        found: list[str] = []
        is_long = any((form.room(name) or 0) >= _MUCH for name in form.texts)
        for _turn in range((_TURNS_OF_LONG if is_long else _TURNS) if form.texts else 0):
            texts = {name: _next(waiting, _room(form, name)) for name in form.texts}
            sent.update(one for taken in texts.values() for one in taken)
            found += form.send({name: " ".join(taken) for name, taken in texts.items()}, admin_engine)
            waiting.rotate(1)  # otherwise the same strings would be joined again, and a unique name be taken
        wrong |= {form.endpoint: found} if found else {}

    assert wrong == {}
    assert sent == set(strings)


def test_a_naughty_string_alone_is_kept_or_refused(stage: Stage, admin_engine: Engine, strings: Sequence[str]) -> None:
    scene = stage.scene("contacts.update")
    form = hostile_form("contacts.update", scene, WAYS["contacts.update"](scene))
    assert form is not None
    rooms = {name: _room(form, name) for name in form.texts if name != "tags"}
    most = max(rooms.values())
    left = list(strings)
    while left:
        texts = {}
        for name, room in rooms.items():
            # A string that fits nowhere goes into the largest field, which refuses it.
            one = next((one for one in left if len(one) <= room or (room == most < len(one))), None)
            if one is not None:
                texts[name] = one
                left.remove(one)
        assert texts
        assert list(form.send(texts, admin_engine)) == [], texts


def _room(form: HostileForm, name: str) -> int:
    return _ROOMS.get(name) or form.room(name) or _ROOM


def _next(waiting: deque[str], room: int) -> Sequence[str]:
    """Return as many of the next strings as fit; a string that is too long waits for a larger field."""
    taken: list[str] = []
    for _one in range(len(waiting)):
        if len(" ".join([*taken, waiting[0]])) <= room:
            taken.append(waiting[0])
        elif taken:
            break
        waiting.rotate(-1)
    return taken
