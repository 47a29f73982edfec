"""The input for the successors of a person's work in the JSON API."""

from uuid import uuid4

from app.declarations.open_work import WorkKind
from app.people.users.handover_rules import field_of
from app.people.users.takeover_schemas import TakeoverInput


def test_every_kind_of_work_has_a_successor() -> None:
    takers = {kind: uuid4() for kind in WorkKind}

    assert set(TakeoverInput.columns()) == {field_of(kind) for kind in WorkKind}
    assert TakeoverInput.of({field_of(kind): str(taker) for kind, taker in takers.items()}).takers == takers
