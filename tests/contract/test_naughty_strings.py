"""Each naughty string alone in a field, where it isn't joined to others as in the walk over all forms."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.form_rules.hostile_forms import hostile_form
from tests.support.form_rules.naughty_strings import naughty_strings, room_of
from tests.support.form_setups import WAYS
from tests.support.real_data import shared_data
from tests.support.stage import Stage

__all__ = ["shared_data"]


@pytest.mark.turn(4)
@pytest.mark.real_data
def test_a_naughty_string_alone_is_kept_or_refused(stage: Stage, admin_engine: Engine, shared_data: Path) -> None:
    scene = stage.scene("contacts.update")
    form = hostile_form("contacts.update", scene, WAYS["contacts.update"](scene))
    assert form is not None
    rooms = {name: room_of(form, name) for name in form.texts if name != "tags"}
    most = max(rooms.values())
    left = list(naughty_strings(shared_data))
    while left:
        texts = {}
        for name, room in rooms.items():
            # A string that fits nowhere goes into the largest field, which refuses it.
            string = next((text for text in left if len(text) <= room or (room == most < len(text))), None)
            if string is not None:
                texts[name] = string
                left.remove(string)
        assert texts
        assert list(form.send(texts, admin_engine)) == [], texts
