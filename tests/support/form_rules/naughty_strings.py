"""Strings that have broken other software, in the text fields of a form: each is refused, or stored and shown.

A refusal is shown at the field. A stored string is as it was typed (trimmed, NFC, without characters that no page can
show) and shown as text. The strings are joined, as many as a field holds, so that some 500 of them take seconds per
form and not minutes. Requests take turns (tests/support/turns.py).
"""

import json
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Engine

from tests.support.form_rules.hostile_forms import HostileForm
from tests.support.hostile import as_kept
from tests.support.turns import PARTS, Turn

#: Length for a field without a maximum, and for a single text of a field that takes several, separated by commas.
_ROOM = 200
_ROOMS = {"tags": 40}
#: How often a form is sent in each part. If its fields are short, the next form continues with the remaining strings.
_TURNS, _TURNS_OF_LONG = 2, 1
_MUCH = 5000


def naughty_strings(shared_data: Path) -> Sequence[str]:
    """Return the big list of naughty strings, and spreadsheet formulas; only those that aren't empty when stored."""
    folder = shared_data / "naughty"
    listed: list[str] = json.loads((folder / "blns.json").read_text(encoding="utf-8"))
    formulas = [line for path in sorted(folder.glob("csv-*.txt")) for line in path.read_text("utf-8").splitlines()]
    facts = json.loads((folder / "FACTS.json").read_text())
    assert len(listed) == facts["blns_json_strings"]
    return [text for text in dict.fromkeys([*listed, *formulas]) if as_kept(text)]


class NaughtyStrings:
    """Strings that are dealt to one form after another; `sent` are those that were sent."""

    def __init__(self, strings: Sequence[str]) -> None:
        self._waiting = deque(strings)
        self.sent = set[str]()

    def lost(self, form: HostileForm, engine: Engine) -> Iterator[str]:
        """Send the next strings in all text fields of a form; yield the faults found."""
        is_long = any((form.room(name) or 0) >= _MUCH for name in form.texts)
        requests = PARTS * (_TURNS_OF_LONG if is_long else _TURNS) if form.texts and self._waiting else 0
        dealt = [self._deal(form) for _request in range(requests)]
        for texts in Turn.of(dealt, form.endpoint):
            self.sent.update(text for taken in texts.values() for text in taken)
            yield from form.send({name: " ".join(taken) for name, taken in texts.items()}, engine)

    def _deal(self, form: HostileForm) -> dict[str, Sequence[str]]:
        dealt = {name: self._next(room_of(form, name)) for name in form.texts}
        self._waiting.rotate(1)  # otherwise the same strings would be joined again, and a unique name be taken
        return dealt

    def _next(self, room: int) -> Sequence[str]:
        """Return as many of the next strings as fit; a string that is too long waits for a larger field."""
        taken: list[str] = []
        for _string in range(len(self._waiting)):
            if len(" ".join([*taken, self._waiting[0]])) <= room:
                taken.append(self._waiting[0])
            elif taken:
                break
            self._waiting.rotate(-1)
        return taken


def room_of(form: HostileForm, name: str) -> int:
    """Return how many characters are sent in a field."""
    return _ROOMS.get(name) or form.room(name) or _ROOM
